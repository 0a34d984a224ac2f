//! How often each way to get the token of the moment allocates. This is a program of its own,
//! because its allocator counts, which costs time.

use benches::{Measurement, Named, Subject, Visitor};

const TIMES: u32 = 1_000;

fn main() {
    let subjects = Named::new();
    for name in Named::ALL {
        subjects.visit(name, &mut Count);
    }
}

struct Count;

impl Visitor for Count {
    fn visit<S: Subject>(&mut self, subject: &S) {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.expect("a runtime without I/O needs nothing");
        // The first call of a thread is not like the others.
        runtime.block_on(subject.repeat(1));
        let counted = allocation_counter::measure(|| {
            runtime.block_on(subject.repeat(u64::from(TIMES)));
        });
        let each = counted.count_total as f64 / f64::from(TIMES);
        Measurement::new("hot_path", S::NAME, each, "allocations").print();
    }
}
