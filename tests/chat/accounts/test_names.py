"""Names: nobody can look like somebody else, and everybody can be called what they are called."""

# ruff: noqa: RUF001 (characters that can be taken for others are what this file is about)

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat.accounts.names import (
    CANONICAL_MAX_LENGTH,
    canonical_name,
    clean_name,
    is_reserved,
    longest_run_of_marks,
)
from chat.errors import NameRefused

pytestmark = pytest.mark.once

any_text = st.text(st.characters(), max_size=40)


@pytest.mark.parametrize(
    "name",
    [
        "Alice",
        "Ada Lovelace",
        "jo",
        "7",
        "Åsa-Märta",
        "O’Connor",
        "Nguyễn Thị Ánh",
        "Ольга",
        "Γιάννης",
        "दीपिका",
        "สมชาย",
        "ကြို့",
        "محمد",
        "דנה",
        "山田太郎",
        "ひろしサン",
        "김철수",
        "Tom 李",
        "Anna 🌻",
        "ක්\u200dරිෂ්ණා",
        "ক্\u200dষমা",
        "श्री क्\u200dष",
        "ನವೀನ್\u200c",
        "نرگس\u200cخانم",
        "می\u200cنا",
        "Team Rocket",
        "Call Me Al",
        "Thank You",
        "Groot 🏴\u200d☠",
        "Mia 👨\u200d👩\u200d👧",
    ],
)
def test_people_may_be_called_what_they_are_called(name: str) -> None:
    assert clean_name(name) == unicodedata.normalize("NFKC", name)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("  Ada \t Lovelace\u3000", "Ada Lovelace"),
        ("Ａｄａ", "Ada"),
        ("𝓐𝓭𝓪", "Ada"),
        ("A\u030asa", "Åsa"),
        ("Anna ❤\ufe0f", "Anna ❤"),
    ],
)
def test_a_name_is_shown_in_its_plain_form(raw: str, name: str) -> None:
    assert clean_name(raw) == name


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("", "Type a name."),
        (" \u3000\n", "Type a name."),
        ("x" * 33, "Shorten the name to 32 characters."),
        ("ali\u200dce", "Leave out the invisible characters."),
        ("\u202eecila", "Leave out the invisible characters."),
        ("ali\u2066ce", "Leave out the invisible characters."),
        ("ali\x00ce", "Leave out the invisible characters."),
        ("ali\ud800ce", "Leave out the invisible characters."),
        ("ali\ue000ce", "Leave out the invisible characters."),
        ("ali\u3164ce", "Leave out the invisible characters."),
        ("ali\u034fce", "Leave out the invisible characters."),
        ("ali\U000e0041ce", "Leave out the invisible characters."),
        ("ali\u2800ce", "Leave out the invisible characters."),
        ("ali\u200cce", "Leave out the invisible characters."),
        ("alice\u200d", "Leave out the invisible characters."),
        ("دنا\u200d", "Leave out the invisible characters."),
        ("क्\u200d\u200dष", "Leave out the invisible characters."),
        ("क\u200dष", "Leave out the invisible characters."),
        ("山\u200d田", "Leave out the invisible characters."),
        ("ا\u200cب", "Leave out the invisible characters."),
        ("1\u200d2", "Leave out the invisible characters."),
        ("Ada 🌻\u200d", "Leave out the invisible characters."),
        ("!?…", "Use at least one letter or digit."),
        ("🌻", "Use at least one letter or digit."),
        ("аlice", "Write the name in one alphabet."),
        ("αlice", "Write the name in one alphabet."),
        ("a" + "\u0330" * 5, "Put fewer accents on one letter."),
        ("\u0330alice", "Put fewer accents on one letter."),
        ("\ucc04" * 32, "Choose a shorter name."),
    ],
)
def test_a_refusal_says_what_to_do(name: str, advice: str) -> None:
    with pytest.raises(NameRefused) as refused:
        clean_name(name)

    assert refused.value.detail == advice


@pytest.mark.parametrize(
    "name",
    [
        "admin",
        "ADMIN",
        "ａｄｍｉｎ",
        "admin ",
        "adrnin",
        "adm1n",
        "[ad-min]",
        "Root",
        "r00t",
        "here",
        "admín",
        "a\u0332d\u0332min",
        "ᎪᎠᎷᏆᏁ",
        "ᎾᏔᏁᎬᎡ",
        "ᴀᴅᴍɪɴ",
        "Ovvner",
        "aclmin",
    ],
)
def test_names_of_the_house_are_reserved_in_every_disguise(name: str) -> None:
    with pytest.raises(NameRefused, match="reserved"):
        clean_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "[MOD] Ada",
        "🅼🅾🅳 Ada",
        "ᴍᴏᴅ Ada",
        "(admin)Ada",
        "Ada (Admin)",
        "Ada | moderator",
        "mod_ada",
        "Ada the Owner",
        "★MOD★ Ada",
        "【mod】Ada",
        "Ada {m.o.d}",
        "[bot] Ada",
        "Ada <system>",
        "~root~ Ada",
        "Ada «stáff»",
        "[ M O D ] Ada",
        "Ada - Official",
    ],
)
def test_nobody_bears_a_title_of_the_house(name: str) -> None:
    with pytest.raises(NameRefused, match=r"Leave out “.+”: it says who someone is here"):
        clean_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Modesty",
        "Ada Owens",
        "Mods & Rockers",
        "Administratrix",
        "Rooty",
        "Ada (on holiday)",
        "Al-in",
    ],
)
def test_a_word_that_begins_like_a_title_is_none(name: str) -> None:
    assert clean_name(name) == name


def test_a_name_that_only_contains_a_reserved_one_is_free() -> None:
    assert is_reserved("admin")
    assert clean_name("Badminton") == "Badminton"


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("alice", "ALICE"),
        ("alice", "аlice"),
        ("Alice", "AIice"),
        ("alice", "al1ce"),
        ("Alice", "Ａｌｉｃｅ"),
        ("Arnold", "Amold"),
        ("Bob", "B0b"),
        ("Straße", "STRASSE"),
        ("соре", "cope"),
        ("МАХ", "Max"),
        ("ТОМ", "Tom"),
        ("ΑΝΝΑ", "Anna"),
        ("ВОВ", "bob"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
        ("Åsa", "A\u030asa"),
        ("ıan", "Ian"),
        ("VVilma", "Wilma"),
        ("ѵѵilma", "wilma"),
        ("clave", "dave"),
        ("ᎪᏞᏆᏟᎬ", "Alice"),
        ("ᎷᏆᎪ", "Mia"),
        ("ꮇꭵꭺ", "MIA"),
        ("ᴍɪᴀ", "mia"),
        ("🅜🅘🅐", "Mia"),
        ("🅼🅸🅰", "Mia"),
        ("🇲🇮🇦", "Mia"),
        ("Alice\u0332", "Alice"),
        ("Ali\u0335ce", "Alice"),
        ("Alice\u0307\u0323", "Alice\u0323\u0307"),
        ("Mia\u20dd", "Mia"),
        ("Bjørn", "Bjorn"),
        ("نرگس\u200cخانم", "نرگسخانم"),
        ("කෘෂ්\u200dණා", "කෘෂ්ණා"),
        ("Mia 👩\u200d💻", "Mia 👩💻"),
        ("مُحَمَّد", "محمد"),
    ],
)
def test_names_that_look_alike_are_one(name: str, other: str) -> None:
    assert canonical_name(name) == canonical_name(other)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Alice", "Alicia"),
        ("Sam", "Fam"),
        ("Ольга", "Olga"),
        ("Jan", "Jen"),
        ("Jose", "José"),
        ("Anna 2", "Anna 3"),
        ("山田", "山本"),
        ("Zoë", "Zoe"),
        ("कमल", "कमला"),
        ("בָּרָק", "ברוק"),
        ("Vera", "Wera"),
    ],
)
def test_names_that_look_different_are_two(name: str, other: str) -> None:
    assert canonical_name(name) != canonical_name(other)


@given(any_text)
@example("ﷺ")
@example("İ")
@example("%")
def test_a_canonical_name_is_its_own(name: str) -> None:
    assert canonical_name(canonical_name(name)) == canonical_name(name)


@given(any_text)
def test_case_and_width_make_no_other_name(name: str) -> None:
    assert canonical_name(name.casefold()) == canonical_name(name)
    assert canonical_name(unicodedata.normalize("NFKC", name)) == canonical_name(name)


@given(any_text)
def test_what_is_accepted_is_sound_and_stays_as_it_is(raw: str) -> None:
    try:
        name = clean_name(raw)
    except NameRefused:
        return

    assert clean_name(name) == name
    assert 1 <= len(name) <= 32
    assert len(canonical_name(name)) <= CANONICAL_MAX_LENGTH
    assert longest_run_of_marks(name) <= 3
    assert name.isprintable()
    assert name.encode()


def test_every_single_character_has_a_canonical_form() -> None:
    """The forms come from data: none of them may lead round in a circle."""
    for code in range(sys.maxunicode + 1):
        canonical = canonical_name(chr(code))
        assert canonical_name(canonical) == canonical
