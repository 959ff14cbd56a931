using System.Buffers.Text;
using System.Text.Json;

namespace GrainSensors.Sources.Mapping;

/// <summary>
/// Scans the form that nearly every document has: texts of printable ASCII without escapes, numbers without exponents.
/// </summary>
/// <remarks>
/// The result is always that of <see cref="TreeScan"/>; a document of any other form, an invalid one included, is left to that. Names are
/// compared in place, so that members that nobody wants cost little.
/// </remarks>
internal sealed class PlainScan(ScanState state)
{
    /// <summary>Deeper documents are left to the other scan, which has the limit.</summary>
    private const int MaxDepth = 32;

    /// <returns>False if the document has another form; the state is undefined then.</returns>
    public bool TryScan(ReadOnlySpan<byte> text, PathNode root)
    {
        var at = 0;
        return TryValue(text, ref at, root, isBelow: false, 0) && AfterSpace(text, at) == text.Length;
    }

    /// <param name="at">Behind the value afterwards.</param>
    /// <param name="node">Null: numbers are wanted, or nothing.</param>
    private bool TryValue(ReadOnlySpan<byte> text, ref int at, PathNode? node, bool isBelow, int depth)
    {
        at = AfterSpace(text, at);
        if (at >= text.Length || depth > MaxDepth)
        {
            return false;
        }

        if (node is not null)
        {
            isBelow |= node.HasNumbers;
            if (node.Each is { } each && text[at] != '[')
            {
                return node.Slot < 0 && TryValue(text, ref at, each, isBelow, depth);
            }

            if (node.IsReading)
            {
                var start = at;
                if (node.Slot >= 0 || !TryValue(text, ref at, null, isBelow: false, depth))
                {
                    return false;
                }

                state.Keep(start, at - start);
                return true;
            }
        }

        return text[at] switch
        {
            (byte)'{' => TryObject(text, ref at, node, isBelow, depth),
            (byte)'[' => TryArray(text, ref at, node, isBelow, depth),
            (byte)'"' => TryText(text, ref at, node, isBelow),
            (byte)'t' => TryWord(text, ref at, "true"u8, JsonTokenType.True, 1, node, isBelow),
            (byte)'f' => TryWord(text, ref at, "false"u8, JsonTokenType.False, 0, node, isBelow),
            (byte)'n' => TryWord(text, ref at, "null"u8, JsonTokenType.Null, double.NaN, node, isBelow),
            _ => TryNumber(text, ref at, node, isBelow),
        };
    }

    private bool TryObject(ReadOnlySpan<byte> text, ref int at, PathNode? node, bool isBelow, int depth)
    {
        Set(node, JsonTokenType.StartObject, at, 1);
        at = AfterSpace(text, at + 1);
        if (at < text.Length && text[at] == '}')
        {
            at++;
            return true;
        }

        while (true)
        {
            if (!TryName(text, ref at, out var start, out var length))
            {
                return false;
            }

            var name = text.Slice(start, length);
            var child = node?.Find(name);
            if (child is null && node?.Member is { } member)
            {
                child = member;
                state.Member = new(JsonTokenType.PropertyName, start, length, false);
            }

            var before = isBelow ? state.Numbers!.Enter(name) : 0;
            if (!TryValue(text, ref at, child, isBelow, depth + 1))
            {
                return false;
            }

            if (isBelow)
            {
                state.Numbers!.Leave(before);
            }

            if (!TryNext(text, ref at, (byte)'}', out var hasNext))
            {
                return false;
            }

            if (!hasNext)
            {
                return true;
            }
        }
    }

    /// <summary>Passes over the name of a member and the colon behind it.</summary>
    private static bool TryName(ReadOnlySpan<byte> text, ref int at, out int start, out int length)
    {
        (start, length) = (at + 1, 0);
        if (at >= text.Length || text[at] != '"' || !TrySkipText(text, ref at))
        {
            return false;
        }

        length = at - 1 - start;
        at = AfterSpace(text, at);
        return at < text.Length && text[at++] == ':';
    }

    private bool TryArray(ReadOnlySpan<byte> text, ref int at, PathNode? node, bool isBelow, int depth)
    {
        Set(node, JsonTokenType.StartArray, at, 1);
        at = AfterSpace(text, at + 1);
        if (at < text.Length && text[at] == ']')
        {
            at++;
            return true;
        }

        for (var index = 0; ; index++)
        {
            var child = node?.Find(index) ?? node?.Each;
            var before = isBelow ? Enter(index) : 0;
            if (!TryValue(text, ref at, child, isBelow, depth + 1))
            {
                return false;
            }

            if (isBelow)
            {
                state.Numbers!.Leave(before);
            }

            if (!TryNext(text, ref at, (byte)']', out var hasNext))
            {
                return false;
            }

            if (!hasNext)
            {
                return true;
            }
        }
    }

    private int Enter(int index)
    {
        Span<byte> digits = stackalloc byte[10];
        Utf8Formatter.TryFormat(index, digits, out var length);
        return state.Numbers!.Enter(digits[..length]);
    }

    /// <summary>Passes over a comma, or the end of an object or array.</summary>
    private static bool TryNext(ReadOnlySpan<byte> text, ref int at, byte end, out bool hasNext)
    {
        at = AfterSpace(text, at);
        hasNext = at < text.Length && text[at] == ',';
        var isRight = hasNext || (at < text.Length && text[at] == end);
        at = hasNext ? AfterSpace(text, at + 1) : at + 1;
        return isRight;
    }

    private bool TryText(ReadOnlySpan<byte> text, ref int at, PathNode? node, bool isBelow)
    {
        var start = at + 1;
        if (!TrySkipText(text, ref at))
        {
            return false;
        }

        Set(node, JsonTokenType.String, start, at - 1 - start);
        if (isBelow && node is not { Slot: >= 0 })
        {
            state.Numbers!.AddText(text[start..(at - 1)]);
        }

        return true;
    }

    /// <param name="at">At the quote; behind the closing one afterwards.</param>
    private static bool TrySkipText(ReadOnlySpan<byte> text, ref int at)
    {
        for (var i = at + 1; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '"')
            {
                at = i + 1;
                return true;
            }

            if (c is < (byte)' ' or > (byte)'~' or (byte)'\\')
            {
                return false;
            }
        }

        return false;
    }

    private bool TryWord(
        ReadOnlySpan<byte> text, ref int at, ReadOnlySpan<byte> word, JsonTokenType type, double value, PathNode? node, bool isBelow)
    {
        if (!text[at..].StartsWith(word))
        {
            return false;
        }

        SetOrAdd(node, type, at, word.Length, value, isBelow);
        at += word.Length;
        return true;
    }

    private bool TryNumber(ReadOnlySpan<byte> text, ref int at, PathNode? node, bool isBelow)
    {
        var start = at;
        at += text[at] == '-' ? 1 : 0;
        var whole = at;
        SkipDigits(text, ref at);
        if (at == whole || (at - whole > 1 && text[whole] == '0'))
        {
            return false;
        }

        if (at < text.Length && text[at] == '.')
        {
            var fraction = ++at;
            SkipDigits(text, ref at);
            if (at == fraction)
            {
                return false;
            }
        }

        // An exponent, or what is no number at all, fails in the caller, which expects a comma or an end.
        if (isBelow && node is not { Slot: >= 0 })
        {
            state.Numbers!.Add(NumberText.TryRead(text[start..at], out var value) ? value : double.PositiveInfinity);
            return true;
        }

        Set(node, JsonTokenType.Number, start, at - start);
        return true;
    }

    private static void SkipDigits(ReadOnlySpan<byte> text, ref int at)
    {
        while (at < text.Length && (uint)(text[at] - '0') <= 9)
        {
            at++;
        }
    }

    private void SetOrAdd(PathNode? node, JsonTokenType type, int start, int length, double value, bool isBelow)
    {
        Set(node, type, start, length);
        if (isBelow && node is not { Slot: >= 0 })
        {
            state.Numbers!.Add(value);
        }
    }

    private void Set(PathNode? node, JsonTokenType type, int start, int length)
    {
        if (node is { Slot: >= 0 and var slot })
        {
            state.Slots[slot] = new(type, start, length, false);
        }
    }

    private static int AfterSpace(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            at++;
        }

        return at;
    }
}
