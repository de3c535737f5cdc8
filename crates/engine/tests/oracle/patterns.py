"""Writes patterns at random with what Python's `re.match` makes of them, a JSON array [pattern, text, result] a line.

Usage: patterns.py COUNT SEED. The result is null where Python refuses the pattern. Counts are small and texts short, because
Python's matcher has no limit of time; what it takes too long for is left out.
"""

import json
import random
import re
import signal
import sys
import warnings

LETTERS = "aaabbc1_ -.\n"
RARE = "éÉßẞſsKkKİiıIµμΩωǅǆ٣²\u0301\x1c\u00a0ΐΐ日{}[]()^$|?*+\\"
ATOMS = ["a", "b", "c", "ab", ".", r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", r"\b", r"\B", "^", "$", r"\A", r"\Z",
         "[ab]", "[^a]", "[a-c1]", r"[\w-]", r"[^\W\d]", r"[\s.]", "[^]a]", "[]b]", "[b-]", "[à-ÿ]", "[A-Z]", r"[\D]", r"\.",
         r"\n", r"\x41", "é", "ß", "k", "s", "i", "İ", "ı", "µ", "Ω", "{", "}", "]", "-", "1", "_", " ", "#", ""]
COUNTS = ["*", "+", "?", "*?", "+?", "??", "*+", "++", "?+", "{2}", "{0,2}", "{1,3}", "{2,}", "{,2}", "{1,2}?", "{2,}?",
          "{1,3}+", "{0}", "{3}", "{", "{}", "{,}", "{1,2", "{x}"]


class Slow(Exception):
    pass


def slow(*_):
    raise Slow


def pattern(random, depth, names):
    kind = random.random()
    if depth == 0 or kind < 0.3:
        return random.choice(ATOMS) if random.random() < 0.9 else random.choice(LETTERS + RARE)
    inner = lambda: pattern(random, depth - 1, names)
    if kind < 0.5:
        return "".join(inner() for _ in range(random.randint(2, 4)))
    if kind < 0.6:
        return "(?:" + "|".join(inner() for _ in range(random.randint(2, 3))) + ")"
    if kind < 0.75:
        return f"(?:{inner()}){random.choice(COUNTS)}" if random.random() < 0.5 else inner() + random.choice(COUNTS)
    if kind < 0.85:
        if random.random() < 0.2:
            names.append(f"n{len(names)}")
            return f"(?P<{names[-1]}>{inner()})"
        return f"({inner()}){random.choice(COUNTS) if random.random() < 0.4 else ''}"
    return random.choice([
        lambda: f"(?={inner()})", lambda: f"(?!{inner()})", lambda: f"(?<={inner()})", lambda: f"(?<!{inner()})",
        lambda: f"(?>{inner()})", lambda: f"({inner()})\\1", lambda: f"\\{random.randint(1, 3)}",
        lambda: f"(?({random.randint(1, 2)}){inner()}|{inner()})", lambda: f"(?({random.randint(1, 2)}){inner()})",
        lambda: f"(?i:{inner()})", lambda: f"(?-i:{inner()})", lambda: f"(?a:{inner()})", lambda: f"(?s:{inner()})",
        lambda: f"(?m:{inner()})", lambda: f"(?x:{inner()})", lambda: "(?#note)", lambda: "(?P=n0)",
        lambda: f"{inner()}|{inner()}",
    ])()


def main():
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    source = random.Random(seed)
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, slow)
    for _ in range(count):
        text_of = lambda: "".join(
            source.choice(LETTERS if source.random() < 0.85 else RARE) for _ in range(source.randint(0, 10)))
        names = []
        wanted = pattern(source, source.randint(1, 4), names)
        if source.random() < 0.25:
            wanted = f"(?{source.choice(['i', 'm', 's', 'x', 'a', 'ai', 'is', 'u'])})" + wanted
        for text in {text_of() for _ in range(3)}:
            signal.setitimer(signal.ITIMER_REAL, 0.5)
            try:
                found = re.match(wanted, text) is not None
            except (re.error, OverflowError, RecursionError):
                found = None
            except (Slow, SystemError):  # too long, or a defect of the reference's matcher
                continue
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            print(json.dumps([wanted, text, found], ensure_ascii=False))
            if found is None:
                break


main()
