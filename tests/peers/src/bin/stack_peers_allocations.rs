//! How often one request of others allocates: `stack_peers_allocations CLIENT ADDRESS`. This is a program of its own,
//! because its allocator counts, which costs time.

use anyhow::Result;
use benches::stack::{Job, Order};
use tokio::runtime::Builder;

fn main() -> Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let count = Job::Allocations(|work| allocation_counter::measure(work).count_total);
    let order = Order::read(std::env::args().skip(1))?.with_job(count);
    peers::run(&order, &runtime)
}
