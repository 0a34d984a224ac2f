//! A transaction of the simulated chain, and the outputs that it makes.

/// One transaction, of one asset.
#[derive(Clone, Debug)]
pub(crate) struct Transaction {
    pub(crate) txid: String,
    pub(crate) kind: Kind,
    /// The height of its block; none while it is in no block.
    pub(crate) height: Option<i64>,
    pub(crate) inputs: Vec<Place>,
    /// By their vout.
    pub(crate) outputs: Vec<Output>,
    /// Whether the issuer has reported it to the service.
    pub(crate) is_reported: bool,
}

/// What a transaction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Issuance,
    Reissuance,
    /// Sent by the issuer, for a distribution or not.
    Payment,
    /// Sent by a holder.
    Transfer,
    Burn,
}

/// Where in its book an output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) transaction: usize,
    pub(crate) vout: usize,
}

/// One output: what it holds, who can spend it, and what the service knows of it.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) coin: Coin,
    /// In the smallest unit.
    pub(crate) amount: i64,
    pub(crate) address: String,
    pub(crate) owner: Owner,
    pub(crate) asset_blinder: String,
    pub(crate) amount_blinder: String,
    /// Whether the service has the blinders, so that it can tell what the output holds.
    pub(crate) is_known: bool,
    pub(crate) is_blacklisted: bool,
    /// The transaction that spends it.
    pub(crate) spent_by: Option<usize>,
}

/// What an output holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coin {
    Asset,
    /// What allows to issue more of the asset.
    ReissuanceToken,
}

/// Who can spend an output.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// The issuer, whose node has the key.
    Treasury,
    /// The Green wallet with this GAID.
    Wallet(String),
    /// Somebody whom the service does not know.
    Stranger,
    /// It is burnt.
    Nobody,
}

impl Transaction {
    /// Whether it paid a distribution, as far as the service was told.
    pub(crate) fn is_distribution(&self) -> bool {
        self.kind == Kind::Payment && self.is_reported
    }

    /// The outputs that hold a coin, with their vout.
    pub(crate) fn outputs_of(&self, coin: Coin) -> impl Iterator<Item = (usize, &Output)> {
        let outputs = self.outputs.iter().enumerate();
        outputs.filter(move |(_, output)| output.coin == coin)
    }

    /// How much of the asset its outputs hold.
    pub(crate) fn amount(&self) -> i64 {
        self.outputs_of(Coin::Asset)
            .map(|(_, output)| output.amount)
            .sum()
    }
}

impl Output {
    /// Whether the service has lost track of it.
    pub(crate) fn is_lost(&self) -> bool {
        match self.owner {
            Owner::Treasury | Owner::Wallet(_) => !self.is_known,
            Owner::Stranger => true,
            Owner::Nobody => false,
        }
    }

    /// Whether somebody whom the service knows holds it.
    pub(crate) fn is_held(&self) -> bool {
        self.owner != Owner::Nobody && !self.is_lost()
    }
}
