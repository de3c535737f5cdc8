//! From what a pattern says to instructions.

use std::collections::HashMap;

use super::case::Fold;
use super::program::{Address, Instruction, OneOf, Program, Slot, Stop, group_slots};
use super::set::CharSet;
use super::syntax::{Mode, Node, One};

/// The most instructions of a program.
const MAX_INSTRUCTIONS: usize = 10_000;

/// The most instructions that a counted repeat is copied to; more than that are counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct MaxCopies(pub(super) usize);

/// The pattern takes too many instructions.
#[derive(Clone, Copy, Debug)]
pub(super) struct TooLarge;

/// Compiles a pattern with so many groups.
pub(super) fn compile(pattern: &Node, groups: usize, max_copies: MaxCopies) -> Result<Program, TooLarge> {
    let mut compiler = Compiler {
        instructions: Vec::new(),
        is_pure: Vec::new(),
        sets: HashMap::new(),
        slots: 2 * groups,
        max_copies: max_copies.0,
        depth_of_state: 0,
    };
    compiler.node(pattern)?;
    compiler.push(Instruction::Match)?;
    let is_stateless = !compiler
        .instructions
        .iter()
        .any(|step| matches!(step, Instruction::Again(..) | Instruction::Unless(..)));
    let mut sets: Vec<(CharSet, usize)> = compiler.sets.into_iter().collect();
    sets.sort_unstable_by_key(|(_, at)| *at);
    Ok(Program {
        instructions: compiler.instructions,
        is_pure: compiler
            .is_pure
            .into_iter()
            .map(|is_pure| is_pure && is_stateless)
            .collect(),
        sets: sets.into_iter().map(|(set, _)| set).collect(),
        slots: compiler.slots,
    })
}

struct Compiler {
    instructions: Vec<Instruction>,
    is_pure: Vec<bool>,
    sets: HashMap<CharSet, usize>,
    slots: usize,
    max_copies: usize,
    /// How many parts that depend on more than the place are open: counted repeats, looks, atomic groups.
    depth_of_state: usize,
}

impl Compiler {
    fn node(&mut self, node: &Node) -> Result<(), TooLarge> {
        match node {
            Node::One(one) => {
                let one = self.one(one);
                self.push(Instruction::One(one)).map(drop)
            }
            Node::Position(position) => self.push(Instruction::Position(*position)).map(drop),
            Node::Concat(parts) => self.concat(parts),
            Node::Alternate(branches) => self.alternate(branches),
            Node::Repeat {
                body,
                least,
                most,
                mode: Mode::Possessive,
                is_nullable,
            } if !matches!(**body, Node::One(_)) => {
                let repeat = Node::Repeat {
                    body: body.clone(),
                    least: *least,
                    most: *most,
                    mode: Mode::Greedy,
                    is_nullable: *is_nullable,
                };
                self.atomic(&repeat)
            }
            Node::Repeat {
                body,
                least,
                most,
                mode,
                is_nullable,
            } => self.repeat(
                body,
                *least as usize,
                most.map(|most| most as usize),
                *mode,
                *is_nullable,
            ),
            Node::Capture(group, body) => {
                let (start, end) = group_slots(*group);
                self.push(Instruction::Keep(start))?;
                self.node(body)?;
                self.push(Instruction::Keep(end)).map(drop)
            }
            Node::Atomic(body) => self.atomic(body),
            Node::Look {
                body,
                behind,
                is_negative,
            } => self.look(body, *behind, *is_negative),
            Node::Reference(group, fold) => self.push(Instruction::Again(*group, *fold)).map(drop),
            Node::Conditional { group, yes, no } => {
                let unless = self.push(Instruction::Unless(*group, 0))?;
                self.node(yes)?;
                let jump = self.push(Instruction::Jump(0))?;
                self.instructions[unless] = Instruction::Unless(*group, self.here());
                self.node(no)?;
                self.instructions[jump] = Instruction::Jump(self.here());
                Ok(())
            }
        }
    }

    /// Characters that must all be there exactly are one text.
    fn concat(&mut self, parts: &[Node]) -> Result<(), TooLarge> {
        let mut parts = parts.iter().peekable();
        while let Some(part) = parts.next() {
            let Node::One(One::Literal(first, Fold::Exact)) = part else {
                self.node(part)?;
                continue;
            };
            let mut text = String::from(*first);
            while let Some(Node::One(One::Literal(next, Fold::Exact))) = parts.peek() {
                text.push(*next);
                parts.next();
            }
            self.push(Instruction::Text(text.into()))?;
        }
        Ok(())
    }

    fn alternate(&mut self, branches: &[Node]) -> Result<(), TooLarge> {
        let mut jumps = Vec::with_capacity(branches.len());
        for (at, branch) in branches.iter().enumerate() {
            if at + 1 == branches.len() {
                self.node(branch)?;
                break;
            }
            let split = self.push(Instruction::Split(0, 0))?;
            self.node(branch)?;
            jumps.push(self.push(Instruction::Jump(0))?);
            self.instructions[split] = Instruction::Split(split + 1, self.here());
        }
        for jump in jumps {
            self.instructions[jump] = Instruction::Jump(self.here());
        }
        Ok(())
    }

    fn repeat(
        &mut self,
        body: &Node,
        least: usize,
        most: Option<usize>,
        mode: Mode,
        is_nullable: bool,
    ) -> Result<(), TooLarge> {
        if let Node::One(one) = body {
            let one = self.one(one);
            let run = Instruction::Run {
                one,
                least,
                most: most.unwrap_or(usize::MAX),
                stop: match mode {
                    Mode::Greedy => Stop::Late,
                    Mode::Lazy => Stop::Early,
                    Mode::Possessive => Stop::Last,
                },
            };
            return self.push(run).map(drop);
        }
        let is_lazy = mode == Mode::Lazy;
        let copies = most.unwrap_or(least);
        if copies > 1 && size(body).saturating_mul(copies) > self.max_copies {
            return self.counted(body, least, most.unwrap_or(usize::MAX), is_lazy);
        }
        for _ in 0..least {
            self.node(body)?;
        }
        match most {
            None => self.endless(body, is_lazy, is_nullable),
            Some(most) => {
                let mut splits = Vec::new();
                for _ in least..most {
                    splits.push(self.push(Instruction::Split(0, 0))?);
                    self.node(body)?;
                }
                for split in splits {
                    self.instructions[split] = branch(split + 1, self.here(), is_lazy);
                }
                Ok(())
            }
        }
    }

    fn endless(&mut self, body: &Node, is_lazy: bool, is_nullable: bool) -> Result<(), TooLarge> {
        let guard = is_nullable.then(|| self.slot());
        if let Some(slot) = guard {
            self.push(Instruction::Forget(slot))?;
        }
        let start = self.push(Instruction::Split(0, 0))?;
        let guarded = match guard {
            Some(slot) => Some((slot, self.push(Instruction::Guard { slot, end: 0 })?)),
            None => None,
        };
        self.node(body)?;
        self.push(Instruction::Jump(start))?;
        let end = self.here();
        self.instructions[start] = branch(start + 1, end, is_lazy);
        if let Some((slot, at)) = guarded {
            self.instructions[at] = Instruction::Guard { slot, end };
        }
        Ok(())
    }

    fn counted(&mut self, body: &Node, least: usize, most: usize, is_lazy: bool) -> Result<(), TooLarge> {
        let (slot, started) = (self.slot(), self.slot());
        self.push(Instruction::Zero(slot))?;
        self.push(Instruction::Forget(started))?;
        self.depth_of_state += 1;
        let count = self.push(Instruction::Zero(slot))?;
        self.node(body)?;
        self.push(Instruction::Jump(count))?;
        self.depth_of_state -= 1;
        self.instructions[count] = Instruction::Count {
            slot,
            started,
            least,
            most,
            is_lazy,
            end: self.here(),
        };
        Ok(())
    }

    fn atomic(&mut self, body: &Node) -> Result<(), TooLarge> {
        let slot = self.slot();
        self.push(Instruction::Mark(slot))?;
        self.depth_of_state += 1;
        self.node(body)?;
        self.push(Instruction::Cut(slot))?;
        self.depth_of_state -= 1;
        Ok(())
    }

    fn look(&mut self, body: &Node, behind: u64, is_negative: bool) -> Result<(), TooLarge> {
        // One more is where the place is kept.
        let slot = self.slot();
        self.slot();
        let look = self.push(Instruction::Look { slot, behind })?;
        self.depth_of_state += 1;
        self.node(body)?;
        if is_negative {
            self.push(Instruction::SeenNot(slot))?;
            let end = self.here();
            self.instructions[look] = Instruction::LookNot { slot, behind, end };
        } else {
            self.push(Instruction::Seen(slot))?;
        }
        self.depth_of_state -= 1;
        Ok(())
    }

    fn one(&mut self, one: &One) -> OneOf {
        match one {
            One::Any => OneOf::Any,
            One::NoNewLine => OneOf::NoNewLine,
            One::Literal(literal, fold) => OneOf::Literal(*literal, *fold),
            One::Set(set, fold) => {
                let next = self.sets.len();
                OneOf::Set(*self.sets.entry((**set).clone()).or_insert(next), *fold)
            }
        }
    }

    fn push(&mut self, instruction: Instruction) -> Result<Address, TooLarge> {
        if self.instructions.len() == MAX_INSTRUCTIONS {
            return Err(TooLarge);
        }
        self.instructions.push(instruction);
        self.is_pure.push(self.depth_of_state == 0);
        Ok(self.instructions.len() - 1)
    }

    fn here(&self) -> Address {
        self.instructions.len()
    }

    fn slot(&mut self) -> Slot {
        self.slots += 1;
        self.slots - 1
    }
}

fn branch(body: Address, end: Address, is_lazy: bool) -> Instruction {
    if is_lazy {
        Instruction::Split(end, body)
    } else {
        Instruction::Split(body, end)
    }
}

/// About how many instructions a part takes.
fn size(node: &Node) -> usize {
    let sum = |parts: &[Node]| parts.iter().map(size).fold(0, usize::saturating_add);
    match node {
        Node::One(_) | Node::Position(_) | Node::Reference(..) => 1,
        Node::Concat(parts) => sum(parts),
        Node::Alternate(branches) => sum(branches).saturating_add(2 * branches.len()),
        Node::Repeat { body, .. } if matches!(**body, Node::One(_)) => 1,
        Node::Repeat {
            body, least, most, ..
        } => size(body)
            .saturating_add(1)
            .saturating_mul(most.unwrap_or(*least).max(1) as usize)
            .saturating_add(2),
        Node::Capture(_, body) | Node::Atomic(body) | Node::Look { body, .. } => size(body).saturating_add(2),
        Node::Conditional { yes, no, .. } => size(yes).saturating_add(size(no)).saturating_add(2),
    }
}
