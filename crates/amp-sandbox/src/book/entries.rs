//! The transactions that issuer and holders make, as new entries of a book.

use super::{Book, Coin, Kind, MOST, Output, Owner, Place, Transaction};
use crate::hex;

/// What somebody is paid.
#[derive(Clone, Debug)]
pub(crate) struct Payment {
    pub(crate) address: String,
    pub(crate) owner: Owner,
    /// In the smallest unit.
    pub(crate) amount: i64,
}

/// What an issuance pays: the asset, and the token that allows to issue more of it.
#[derive(Clone, Debug)]
pub(crate) struct Funding {
    pub(crate) address: String,
    pub(crate) amount: i64,
    /// Address and amount.
    pub(crate) token: Option<(String, i64)>,
}

impl Funding {
    /// An asset that cannot be reissued.
    pub(crate) fn of(address: &str, amount: i64) -> Self {
        Self {
            address: address.to_owned(),
            amount,
            token: None,
        }
    }
}

/// Why a node makes no such transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("Insufficient funds")]
    InsufficientFunds,
    #[error("the wallet has no reissuance token of this asset")]
    NoToken,
    #[error("there can be no more than 21 million coins of an asset")]
    TooMuch,
    #[error("nothing is to be sent")]
    Nothing,
}

impl Book {
    /// The first entry of every book; the service makes it and so knows its blinders.
    pub(crate) fn issue(&mut self, funding: Funding, rng: &mut fastrand::Rng) -> &Transaction {
        let asset = Payment {
            address: funding.address,
            owner: Owner::Treasury,
            amount: funding.amount,
        };
        let mut outputs = vec![output(Coin::Asset, asset, rng)];
        if let Some((address, amount)) = funding.token {
            let owner = Owner::Treasury;
            let token = Payment {
                address,
                owner,
                amount,
            };
            outputs.push(output(Coin::ReissuanceToken, token, rng));
        }
        outputs.iter_mut().for_each(|output| output.is_known = true);
        self.add(Kind::Issuance, Vec::new(), outputs, rng)
    }

    /// Pays from what an owner holds; the rest goes back to where it was.
    pub(crate) fn pay(
        &mut self,
        from: &Owner,
        payments: Vec<Payment>,
        rng: &mut fastrand::Rng,
    ) -> Result<&Transaction, Refusal> {
        let kind = match from {
            Owner::Treasury => Kind::Payment,
            _ => Kind::Transfer,
        };
        self.spend(from, kind, payments, rng)
    }

    /// Sends from the treasury to where nobody can spend it.
    pub(crate) fn burn(
        &mut self,
        amount: i64,
        rng: &mut fastrand::Rng,
    ) -> Result<&Transaction, Refusal> {
        let burnt = Payment {
            address: String::new(),
            owner: Owner::Nobody,
            amount,
        };
        self.spend(&Owner::Treasury, Kind::Burn, vec![burnt], rng)
    }

    /// Makes more of the asset. The token moves on, and the service knows neither output until it is told.
    pub(crate) fn reissue(
        &mut self,
        amount: i64,
        rng: &mut fastrand::Rng,
    ) -> Result<&Transaction, Refusal> {
        let Some((inputs, tokens)) = self.pick(&Owner::Treasury, Coin::ReissuanceToken, 1) else {
            return Err(Refusal::NoToken);
        };
        if amount < 1 {
            return Err(Refusal::Nothing);
        }
        if amount > MOST - self.ever_made() {
            return Err(Refusal::TooMuch);
        }
        let address = self.output(inputs[0]).address.clone();
        let [asset, token] =
            [(Coin::Asset, amount), (Coin::ReissuanceToken, tokens)].map(|(coin, amount)| {
                let (address, owner) = (address.clone(), Owner::Treasury);
                let payment = Payment {
                    address,
                    owner,
                    amount,
                };
                output(coin, payment, rng)
            });
        Ok(self.add(Kind::Reissuance, inputs, vec![asset, token], rng))
    }

    /// What was issued and reissued, also in no block yet.
    fn ever_made(&self) -> i64 {
        let makes = |transaction: &&Transaction| {
            matches!(transaction.kind, Kind::Issuance | Kind::Reissuance)
        };
        let made = self.transactions.iter().filter(makes);
        made.map(Transaction::amount).sum()
    }

    fn spend(
        &mut self,
        from: &Owner,
        kind: Kind,
        payments: Vec<Payment>,
        rng: &mut fastrand::Rng,
    ) -> Result<&Transaction, Refusal> {
        let add = |sum: i64, payment: &Payment| sum.checked_add(payment.amount);
        let total = payments.iter().try_fold(0, add);
        let total = total.ok_or(Refusal::InsufficientFunds)?;
        if payments.is_empty() || payments.iter().any(|payment| payment.amount < 1) {
            return Err(Refusal::Nothing);
        }
        let (inputs, found) = self
            .pick(from, Coin::Asset, total)
            .ok_or(Refusal::InsufficientFunds)?;
        let mut outputs: Vec<Output> = payments
            .into_iter()
            .map(|payment| output(Coin::Asset, payment, rng))
            .collect();
        if found > total {
            let change = Payment {
                address: self.output(inputs[0]).address.clone(),
                owner: from.clone(),
                amount: found - total,
            };
            outputs.push(output(Coin::Asset, change, rng));
        }
        Ok(self.add(kind, inputs, outputs, rng))
    }

    /// Unspent outputs of an owner that together hold enough, oldest first, and how much that is.
    fn pick(&self, owner: &Owner, coin: Coin, enough: i64) -> Option<(Vec<Place>, i64)> {
        let (mut picked, mut found) = (Vec::new(), 0);
        for (index, transaction) in self.transactions.iter().enumerate() {
            for (vout, output) in transaction.outputs_of(coin) {
                if found >= enough {
                    return Some((picked, found));
                }
                let is_free = output.spent_by.is_none() && !output.is_blacklisted;
                if is_free && output.owner == *owner {
                    let transaction = index;
                    picked.push(Place { transaction, vout });
                    found += output.amount;
                }
            }
        }
        (found >= enough).then_some((picked, found))
    }

    fn add(
        &mut self,
        kind: Kind,
        inputs: Vec<Place>,
        outputs: Vec<Output>,
        rng: &mut fastrand::Rng,
    ) -> &Transaction {
        let index = self.transactions.len();
        for place in &inputs {
            self.transactions[place.transaction].outputs[place.vout].spent_by = Some(index);
        }
        self.transactions.push(Transaction {
            txid: hex::random(rng, 64),
            kind,
            height: None,
            inputs,
            outputs,
            is_reported: false,
        });
        &self.transactions[index]
    }
}

/// The service signs for the wallets, so it knows what they receive; what others receive it has to be told.
fn output(coin: Coin, payment: Payment, rng: &mut fastrand::Rng) -> Output {
    let is_known = matches!(payment.owner, Owner::Wallet(_) | Owner::Nobody);
    Output {
        coin,
        amount: payment.amount,
        address: payment.address,
        owner: payment.owner,
        asset_blinder: hex::random(rng, 64),
        amount_blinder: hex::random(rng, 64),
        is_known,
        is_blacklisted: false,
        spent_by: None,
    }
}
