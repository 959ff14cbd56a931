using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace GrainSensors.Core.Text;

/// <summary>Unicode's normal form C (UAX #15), by which equal texts have equal characters.</summary>
/// <remarks>
/// The runtime takes every text for normalized while globalization is invariant. <c>normalization.txt</c> has the canonical mappings
/// and combining classes of Unicode 14: <c>C0=41 300</c> (composes), <c>340&gt;300</c> (does not), <c>300:314 E6</c> (class of a range).
/// </remarks>
internal static class NormalForm
{
    /// <summary>Every text below this character is in normal form.</summary>
    private const char FirstCombining = '\u0300';

    // Hangul syllables are composed by arithmetic: 19 leading consonants, 21 vowels, and 27 trailing consonants or none.
    private const int Syllable = 0xAC00;
    private const int Leading = 0x1100;
    private const int Vowel = 0x1161;
    private const int Trailing = 0x11A7;
    private const int Vowels = 21;
    private const int Trailings = 28;
    private const int Syllables = 19 * Vowels * Trailings;

    private static readonly Lazy<Tables> Data = new(Tables.Read);

    /// <returns>
    /// True only if texts of such characters are in normal form: up to Latin, Cyrillic, Chinese characters and Hangul syllables.
    /// </returns>
    public static bool IsStable(Rune rune) => rune.Value is < FirstCombining or (>= 0x4E00 and <= 0x9FFF) or (>= 0xAC00 and <= 0xD7A3)
        || (rune.Value is >= 0x400 and <= 0x52F
            && Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter);

    /// <returns>The text in normal form C.</returns>
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange(FirstCombining, char.MaxValue))
        {
            return text;
        }

        var runes = Decomposed(text);
        Compose(runes);
        return string.Concat(runes.Select(rune => new Rune(rune).ToString()));
    }

    /// <returns>The characters of the text; a composed one as its parts, in the order of normal form D.</returns>
    public static IEnumerable<Rune> Decompose(string text) => Decomposed(text).Select(rune => new Rune(rune));

    private static List<int> Decomposed(string text)
    {
        var runes = new List<int>();
        foreach (var rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, runes);
        }

        Order(runes);
        return runes;
    }

    private static void Decompose(int rune, List<int> into)
    {
        if (rune is >= Syllable and < Syllable + Syllables)
        {
            var (index, trailing) = Math.DivRem(rune - Syllable, Trailings);
            into.AddRange([Leading + (index / Vowels), Vowel + (index % Vowels)]);
            if (trailing > 0)
            {
                into.Add(Trailing + trailing);
            }
        }
        else if (Data.Value.Mappings.TryGetValue(rune, out var parts))
        {
            parts.ForEach(part => Decompose(part, into));
        }
        else
        {
            into.Add(rune);
        }
    }

    /// <summary>Sorts each run of combining characters by class, equal ones in their order.</summary>
    private static void Order(List<int> runes)
    {
        for (var i = 1; i < runes.Count; i++)
        {
            for (var at = i; at > 0 && ClassOf(runes[at]) != 0 && ClassOf(runes[at - 1]) > ClassOf(runes[at]); at--)
            {
                (runes[at - 1], runes[at]) = (runes[at], runes[at - 1]);
            }
        }
    }

    private static void Compose(List<int> runes)
    {
        var starter = -1;
        for (var at = 0; at < runes.Count; at++)
        {
            var type = ClassOf(runes[at]);

            // A character between the two blocks them, unless its class is lower; only combining ones stay between.
            var isBlocked = at - 1 > starter && ClassOf(runes[at - 1]) >= type;
            if (starter >= 0 && !isBlocked && Pair(runes[starter], runes[at]) is { } composed)
            {
                runes[starter] = composed;
                runes.RemoveAt(at--);
            }
            else if (type == 0)
            {
                starter = at;
            }
        }
    }

    private static int? Pair(int first, int second)
    {
        var (leading, vowel) = (first - Leading, second - Vowel);
        if (leading is >= 0 and < 19 && vowel is >= 0 and < Vowels)
        {
            return Syllable + (((leading * Vowels) + vowel) * Trailings);
        }

        var isOpen = first is >= Syllable and < Syllable + Syllables && (first - Syllable) % Trailings == 0;
        return isOpen && second is > Trailing and < Trailing + Trailings ? first + second - Trailing
            : Data.Value.Pairs.TryGetValue((first, second), out var composed) ? composed
            : null;
    }

    private static int ClassOf(int rune) => Data.Value.Classes.GetValueOrDefault(rune);

    private sealed record Tables(
        FrozenDictionary<int, List<int>> Mappings, FrozenDictionary<(int, int), int> Pairs, FrozenDictionary<int, int> Classes)
    {
        public static Tables Read()
        {
            var (mappings, pairs) = (new Dictionary<int, List<int>>(), new Dictionary<(int, int), int>());
            var classes = new Dictionary<int, int>();
            using var reader = new StreamReader(typeof(NormalForm).Assembly.GetManifestResourceStream("normalization.txt")!);
            while (reader.ReadLine() is { } line)
            {
                var numbers = line.Split('=', '>', ':', ' ').Select(number => int.Parse(number, NumberStyles.HexNumber)).ToList();
                if (line.Contains(':', StringComparison.Ordinal))
                {
                    Enumerable.Range(numbers[0], numbers[1] - numbers[0] + 1).ToList().ForEach(rune => classes.Add(rune, numbers[2]));
                    continue;
                }

                mappings.Add(numbers[0], numbers[1..]);
                if (line.Contains('=', StringComparison.Ordinal))
                {
                    pairs.Add((numbers[1], numbers[2]), numbers[0]);
                }
            }

            return new(mappings.ToFrozenDictionary(), pairs.ToFrozenDictionary(), classes.ToFrozenDictionary());
        }
    }
}
