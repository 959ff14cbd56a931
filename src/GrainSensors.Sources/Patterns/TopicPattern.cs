using System.Text;

namespace GrainSensors.Sources.Patterns;

/// <summary>
/// A pattern of topics with named parts: <c>{name}</c> is one level or a part of it, <c>{name*}</c> one or more levels.
/// </summary>
internal sealed class TopicPattern
{
    private const byte Level = (byte)'/';
    private readonly string _text;
    private readonly Part[] _parts;

    private TopicPattern(string text, Part[] parts) => (_text, _parts) = (text, parts);

    /// <summary>The names of the captured parts, in the order of <see cref="TryMatch"/>.</summary>
    public IReadOnlyList<string> Names => [.. _parts.Where(part => part.Name is not null).Select(part => part.Name!)];

    /// <param name="error">Completes the sentence "the pattern …".</param>
    /// <returns>Null: the text is not a pattern.</returns>
    public static TopicPattern? Parse(string text, out string? error)
    {
        var parts = new List<Part>();
        error = null;
        for (var rest = text; rest.Length > 0;)
        {
            var open = rest.IndexOf('{', StringComparison.Ordinal);
            if (open != 0)
            {
                parts.Add(new(Encoding.UTF8.GetBytes(open < 0 ? rest : rest[..open]), null, false));
                rest = open < 0 ? "" : rest[open..];
                continue;
            }

            var close = rest.IndexOf('}', StringComparison.Ordinal);
            var isDeep = close > 1 && rest[close - 1] == '*';
            var name = close < 0 ? "" : rest[1..(isDeep ? close - 1 : close)];
            error = name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
                ? "must have names such as {sensor} in braces"
                : parts.Exists(part => part.Name == name) ? $"must not name {{{name}}} twice"
                : isDeep && parts.Exists(part => part.IsDeep) ? "must have one part such as {sensor*} at most"
                : parts is [.., { Name: not null }] ? "must have a text between two names in braces"
                : null;
            if (error is not null)
            {
                return null;
            }

            parts.Add(new([], name, isDeep));
            rest = rest[(close + 1)..];
        }

        return new(text, [.. parts]);
    }

    /// <param name="captures">Gets the captured parts; as many as <see cref="Names"/>.</param>
    public bool TryMatch(ReadOnlySpan<byte> topic, Span<Range> captures)
    {
        // Parts before the deep one match from the front, those behind it from the back.
        var deep = Array.FindIndex(_parts, part => part.IsDeep);
        var (start, end, front, back) = (0, topic.Length, 0, _parts.Length - 1);
        for (; front < (deep < 0 ? _parts.Length : deep); front++)
        {
            if (!TryMatchFront(topic, front, ref start, end, captures))
            {
                return false;
            }
        }

        for (; back > deep && deep >= 0; back--)
        {
            if (!TryMatchBack(topic, back, start, ref end, captures))
            {
                return false;
            }
        }

        if (deep < 0)
        {
            return start == end;
        }

        captures[IndexOf(deep)] = start..end;
        return start < end;
    }

    public override string ToString() => _text;

    private bool TryMatchFront(ReadOnlySpan<byte> topic, int part, ref int start, int end, Span<Range> captures)
    {
        var rest = topic[start..end];
        if (_parts[part].Name is null)
        {
            start += _parts[part].Text.Length;
            return rest.StartsWith(_parts[part].Text);
        }

        var level = rest.IndexOf(Level) is >= 0 and var slash ? slash : rest.Length;
        var next = EndOf(rest, part);
        captures[IndexOf(part)] = start..(start + next);
        start += next;
        return next > 0 && next <= level;
    }

    /// <returns>The length of a named part: as short as what follows allows, but not empty; 0: nothing that fits follows.</returns>
    private int EndOf(ReadOnlySpan<byte> rest, int part)
    {
        if (part + 1 == _parts.Length || rest.IsEmpty)
        {
            return rest.Length;
        }

        // A text at the end of the pattern is one at the end of the topic.
        var text = _parts[part + 1].Text;
        return part + 2 < _parts.Length ? rest[1..].IndexOf(text) + 1
            : rest.EndsWith(text) ? rest.Length - text.Length
            : 0;
    }

    private bool TryMatchBack(ReadOnlySpan<byte> topic, int part, int start, ref int end, Span<Range> captures)
    {
        var rest = topic[start..end];
        if (_parts[part].Name is null)
        {
            end -= _parts[part].Text.Length;
            return rest.EndsWith(_parts[part].Text);
        }

        // The text before a name in braces exists, because two names are never neighbours.
        var before = _parts[part - 1].Text;
        var at = !rest.IsEmpty && rest[..^1].LastIndexOf(before) is >= 0 and var found ? found + before.Length : rest.Length;
        captures[IndexOf(part)] = (start + at)..end;
        end = start + at;
        return at < rest.Length && !rest[at..].Contains(Level);
    }

    private int IndexOf(int part)
    {
        var index = 0;
        for (var i = 0; i < part; i++)
        {
            index += _parts[i].Name is null ? 0 : 1;
        }

        return index;
    }

    private readonly record struct Part(byte[] Text, string? Name, bool IsDeep);
}
