//! The callers that wait for a flight.

use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

use token_core::TokenError;
use token_core::lifecycle::FlightId;

use crate::snapshot::Snapshot;
use crate::sync::Mutex;

/// What a waiter hears: a token, an error, or nothing (`None`), which means to ask again.
pub(crate) type Heard = Option<Result<Arc<Snapshot>, TokenError>>;

/// One waiter's place. It belongs to the waiter: when the waiter is dropped, nobody is told.
#[derive(Debug, Default)]
pub(crate) struct Place(Mutex<PlaceState>);

#[derive(Debug, Default)]
enum PlaceState {
    #[default]
    New,
    Waiting(Waker),
    Told(Heard),
}

impl Place {
    pub(crate) fn poll(&self, context: &Context<'_>) -> Poll<Heard> {
        let mut state = self.0.lock();
        match &mut *state {
            PlaceState::Told(heard) => Poll::Ready(heard.take()),
            PlaceState::Waiting(waker) if waker.will_wake(context.waker()) => Poll::Pending,
            PlaceState::New | PlaceState::Waiting(_) => {
                *state = PlaceState::Waiting(context.waker().clone());
                Poll::Pending
            }
        }
    }

    fn tell(&self, heard: Heard) {
        let before = std::mem::replace(&mut *self.0.lock(), PlaceState::Told(heard));
        if let PlaceState::Waiting(waker) = before {
            waker.wake();
        }
    }
}

/// All places, by flight.
#[derive(Debug, Default)]
pub(crate) struct Waiters(Vec<(FlightId, Weak<Place>)>);

impl Waiters {
    /// Takes a place in the queue of this flight.
    pub(crate) fn join(&mut self, flight: FlightId) -> Arc<Place> {
        if self.0.len() == self.0.capacity() {
            self.0.retain(|(_, place)| place.strong_count() > 0);
        }
        let place = Arc::new(Place::default());
        self.0.push((flight, Arc::downgrade(&place)));
        place
    }

    /// How many wait now.
    pub(crate) fn count(&self) -> usize {
        let alive = |(_, place): &&(FlightId, Weak<Place>)| place.strong_count() > 0;
        self.0.iter().filter(alive).count()
    }

    /// Takes everybody who waits for this flight out of the queue; they are to be told outside
    /// the lock.
    pub(crate) fn take(&mut self, flight: FlightId) -> Vec<Arc<Place>> {
        let mut taken = Vec::new();
        self.0.retain(|(waits_for, place)| {
            if *waits_for == flight {
                taken.extend(place.upgrade());
            }
            *waits_for != flight
        });
        taken
    }
}

/// Tells the same to all of them.
pub(crate) fn tell_all(places: Vec<Arc<Place>>, heard: &Heard) {
    for place in places {
        place.tell(heard.clone());
    }
}
