//! What can happen to a machine in the model.

use super::model::Model;
use super::*;

/// How long the tokens of the model live: stale after 50 s, dead after 95 s.
const LIFE: Duration = Duration::from_secs(100);

/// One thing that can happen to a machine in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Move {
    Get,
    GetFor(u64),
    GetOutside,
    Force(Goal),
    RejectCurrent(bool),
    RejectOlder,
    Ends(End),
    EndsLate,
    Lost,
    Observed,
    ObservedBeforeClear,
    CredentialsChanged,
    Installed,
    InstalledSameText,
    InstalledIsStored,
    Clear,
    ClearHereOnly,
    Close,
    Flushed,
    Pass(u64),
    WallAhead,
    WallBack,
}

/// How a flight ends in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum End {
    Minted,
    MintedSameText,
    MintedUnsaved,
    Adopted,
    AdoptedSameText,
    Superseded,
    Transient,
    TransientSpent,
    Throttled,
    Refused,
}

pub(super) const MOVES: &[Move] = &[
    Move::Get,
    Move::GetFor(60),
    Move::GetOutside,
    Move::Force(Goal::Renew),
    Move::Force(Goal::Refresh),
    Move::Force(Goal::Login),
    Move::RejectCurrent(true),
    Move::RejectCurrent(false),
    Move::RejectOlder,
    Move::Ends(End::Minted),
    Move::Ends(End::MintedSameText),
    Move::Ends(End::MintedUnsaved),
    Move::Ends(End::Adopted),
    Move::Ends(End::AdoptedSameText),
    Move::Ends(End::Superseded),
    Move::Ends(End::Transient),
    Move::Ends(End::TransientSpent),
    Move::Ends(End::Throttled),
    Move::Ends(End::Refused),
    Move::EndsLate,
    Move::Lost,
    Move::Observed,
    Move::ObservedBeforeClear,
    Move::CredentialsChanged,
    Move::Installed,
    Move::InstalledSameText,
    Move::InstalledIsStored,
    Move::Clear,
    Move::ClearHereOnly,
    Move::Close,
    Move::Flushed,
    Move::Pass(1),
    Move::Pass(10),
    Move::Pass(50),
    Move::Pass(95),
    Move::WallAhead,
    Move::WallBack,
];

impl Move {
    pub(super) fn turn_the_clocks(self, now: &mut Now) -> bool {
        match self {
            Self::Pass(seconds) => {
                now.boot = now.boot.saturating_add(secs(seconds));
                now.wall += secs(seconds);
            }
            Self::WallAhead => now.wall += secs(7_200),
            Self::WallBack => now.wall -= secs(7_200),
            _ => return false,
        }
        true
    }

    /// The event of this move; `None` where there is none now.
    pub(super) fn event(self, model: &mut Model) -> Option<Event> {
        let get = |validity, may_start| Event::Get {
            validity,
            may_start,
        };
        let reject = |epoch, accepted| Event::Reject { epoch, accepted };
        let draw = 1.0;
        Some(match self {
            Self::Get => get(Duration::ZERO, true),
            Self::GetFor(seconds) => get(secs(seconds), true),
            Self::GetOutside => get(Duration::ZERO, false),
            Self::Force(goal) => Event::Force(goal),
            Self::RejectCurrent(accepted) => reject(model.machine.held()?.epoch, accepted),
            Self::RejectOlder => reject(Epoch::ZERO, true),
            Self::Ends(end) => {
                let id = model.flight.as_ref()?.id;
                let verdict = end.verdict(model)?;
                Event::FlightEnded { id, verdict, draw }
            }
            Self::EndsLate => {
                let (id, verdict) = (model.past?, End::Minted.verdict(model)?);
                Event::FlightEnded { id, verdict, draw }
            }
            Self::Lost => Event::FlightLost(model.flight.as_ref()?.id),
            Self::Observed => observed(model, model.machine.clears()),
            Self::ObservedBeforeClear => observed(model, model.machine.clears().checked_sub(1)?),
            Self::CredentialsChanged => Event::CredentialsChanged,
            Self::Installed | Self::InstalledSameText => {
                let text = match self {
                    Self::Installed => next_text(model),
                    _ => text(&model.machine.held()?),
                };
                let minted = minted(&text, LIFE, &model.now);
                Event::Installed { minted, draw }
            }
            Self::InstalledIsStored => {
                let epoch = model.machine.held()?.epoch;
                let generation = u64::from(model.texts);
                Event::Stored { epoch, generation }
            }
            Self::Clear => CLEAR,
            Self::ClearHereOnly => Event::Clear {
                store_emptied: false,
            },
            Self::Close => Event::Close,
            Self::Flushed => Event::Flushed,
            Self::Pass(_) | Self::WallAhead | Self::WallBack => return None,
        })
    }
}

impl End {
    fn verdict(self, model: &mut Model) -> Option<Verdict> {
        let text = match self {
            Self::MintedSameText | Self::AdoptedSameText => text(&model.machine.held()?),
            _ => next_text(model),
        };
        let minted = minted(&text, LIFE, &model.now);
        let generation = u64::from(model.texts);
        Some(match self {
            Self::Minted | Self::MintedSameText | Self::MintedUnsaved => Verdict::Minted {
                minted,
                generation,
                saved: self != Self::MintedUnsaved,
                source: Source::Obtained,
            },
            Self::Adopted | Self::AdoptedSameText => {
                let obtained_at = model.now.wall - secs(10);
                let data = TokenData::with_lifetime(token(&text), obtained_at, LIFE);
                Verdict::Adopted { data, generation }
            }
            Self::Superseded => superseded(minted),
            Self::Transient => failed(error(ErrorClass::Transient)),
            Self::TransientSpent => Verdict::Failed {
                error: error(ErrorClass::Transient),
                spent: true,
            },
            Self::Throttled => failed(throttled(secs(20))),
            Self::Refused => failed(error(ErrorClass::Refused)),
        })
    }
}

fn next_text(model: &mut Model) -> String {
    model.texts += 1;
    format!("t{}", model.texts)
}

fn observed(model: &mut Model, clears: u64) -> Event {
    let text = next_text(model);
    let obtained_at = model.now.wall - secs(10);
    let data = TokenData::with_lifetime(token(&text), obtained_at, LIFE);
    let generation = u64::from(model.texts);
    Event::Observed {
        data,
        generation,
        clears,
        draw: 1.0,
    }
}
