//! Which part of a history is asked for.

use amp_api::{HistoryFilter, SortOrder};
use clap::Args;

use super::AssetId;

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    pub(super) asset: AssetId,
    /// The first row, counted from 1; a negative number counts from the end
    #[arg(long, allow_negative_numbers = true)]
    start: Option<i64>,
    /// The most rows
    #[arg(long)]
    count: Option<u32>,
    /// The column to sort by, by name or number
    #[arg(long, value_name = "COLUMN")]
    sort: Option<String>,
    /// Sort from the largest to the smallest
    #[arg(long)]
    descending: bool,
    /// The lowest block height
    #[arg(long, value_name = "HEIGHT")]
    height_start: Option<i64>,
    /// The highest block height
    #[arg(long, value_name = "HEIGHT")]
    height_stop: Option<i64>,
}

impl HistoryArgs {
    pub(super) fn filter(&self) -> HistoryFilter {
        let mut filter = HistoryFilter::new();
        if let Some(start) = self.start {
            filter = filter.with_start(start);
        }
        if let Some(count) = self.count {
            filter = filter.with_count(count);
        }
        if let Some(column) = &self.sort {
            filter = filter.with_sort_column(column);
        }
        if self.descending {
            filter = filter.with_sort_order(SortOrder::Descending);
        }
        if let Some(height) = self.height_start {
            filter = filter.with_height_start(height);
        }
        if let Some(height) = self.height_stop {
            filter = filter.with_height_stop(height);
        }
        filter
    }
}
