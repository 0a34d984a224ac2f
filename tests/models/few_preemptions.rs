//! A search that is exhaustive up to a number of preemptions.

use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};

/// Every schedule in which a thread that could go on is made to wait at most so often. Few bugs
/// need more than two, and the number of schedules stays polynomial in their length.
#[derive(Debug)]
pub(super) struct FewPreemptions {
    most: usize,
    /// The schedule under way, and what is left to try at each of its steps.
    steps: Vec<Step>,
    /// How many steps of it were taken.
    taken: usize,
    preemptions: usize,
    is_first: bool,
}

#[derive(Debug)]
struct Step {
    choices: Vec<TaskId>,
    chosen: usize,
}

impl FewPreemptions {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            steps: Vec::new(),
            taken: 0,
            preemptions: 0,
            is_first: true,
        }
    }

    /// Takes the next choice at the last step that has one. Tells whether there was one.
    fn moves_on(&mut self) -> bool {
        while let Some(last) = self.steps.last_mut() {
            last.chosen += 1;
            if last.chosen < last.choices.len() {
                return true;
            }
            self.steps.pop();
        }
        false
    }
}

impl Scheduler for FewPreemptions {
    fn new_execution(&mut self) -> Option<Schedule> {
        if !self.is_first && !self.moves_on() {
            return None;
        }
        self.is_first = false;
        self.taken = 0;
        self.preemptions = 0;
        Some(Schedule::new(0))
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        _is_yielding: bool,
    ) -> Option<TaskId> {
        let ready = || runnable.iter().map(|task| task.id());
        let goes_on = current.filter(|current| ready().any(|task| task == *current));
        if self.taken == self.steps.len() {
            let others = ready().filter(|task| Some(*task) != goes_on);
            let choices = match goes_on {
                Some(current) if self.preemptions == self.most => vec![current],
                _ => goes_on.into_iter().chain(others).collect(),
            };
            self.steps.push(Step { choices, chosen: 0 });
        }
        let step = self.steps.get(self.taken)?;
        let next = *step.choices.get(step.chosen)?;
        self.taken += 1;
        if goes_on.is_some_and(|current| current != next) {
            self.preemptions += 1;
        }
        Some(next)
    }

    fn next_u64(&mut self) -> u64 {
        0
    }
}
