//! What one request costs: `stack CLIENT ADDRESS` measures times, `stack CLIENT ADDRESS TIMES` only
//! asks so often, for who counts instructions. The server is `stack_server`.

use anyhow::Result;
use benches::stack::{self, Order};
use tokio::runtime::Builder;

fn main() -> Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    stack::run(&Order::read(std::env::args().skip(1))?, &runtime)
}
