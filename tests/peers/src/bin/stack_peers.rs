//! What one request costs others: `stack_peers CLIENT ADDRESS` measures times, `stack_peers CLIENT ADDRESS TIMES` only
//! asks so often, for who counts instructions. The server is `stack_server`.

use anyhow::Result;
use benches::stack::Order;
use tokio::runtime::Builder;

fn main() -> Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    peers::run(&Order::read(std::env::args().skip(1))?, &runtime)
}
