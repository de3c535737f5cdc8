//! Who watches an evaluation: nobody, at no cost, or a recorder.

use crate::rule::Condition;
use crate::value::ContextValue;

/// Is told what an evaluation does, while it does it. Calls nest: a condition that reads a flag may test segments.
pub(crate) trait Observer {
    /// The rules of a segment are going to be tested.
    fn enter_segment(&mut self);
    /// They were; `is_cut` says that the verdict passed through a dependency cycle, and so counts as no match.
    fn leave_segment(&mut self, segment: usize, is_cut: bool);
    /// A rule is going to be tested.
    fn enter_rule(&mut self);
    /// It was.
    fn leave_rule(&mut self, matches: bool);
    /// A condition of the rule last entered was tested.
    fn condition(&mut self, condition: &Condition, value: Option<&ContextValue<'_>>, salt: &str, holds: bool);
    /// The verdict of a segment, tested last or long before, is taken for a flag that a condition reads.
    fn asked(&mut self, feature: usize, segment: u32);
    /// The next strongest override of a feature was looked at.
    fn candidate(&mut self, feature: usize, segment: u32, wins: bool);
}

/// Nobody.
impl Observer for () {
    fn enter_segment(&mut self) {}
    fn leave_segment(&mut self, _: usize, _: bool) {}
    fn enter_rule(&mut self) {}
    fn leave_rule(&mut self, _: bool) {}
    fn condition(&mut self, _: &Condition, _: Option<&ContextValue<'_>>, _: &str, _: bool) {}
    fn asked(&mut self, _: usize, _: u32) {}
    fn candidate(&mut self, _: usize, _: u32, _: bool) {}
}
