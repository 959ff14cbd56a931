namespace GrainSensors.Sources.Formats;

/// <summary>The lines of a text, without their ends, white space around them, and blank ones.</summary>
internal ref struct Lines
{
    private readonly ReadOnlySpan<byte> _text;
    private int _next;

    private Lines(ReadOnlySpan<byte> text)
    {
        _text = text;
        _next = text.StartsWith("\uFEFF"u8) ? "\uFEFF"u8.Length : 0;
    }

    public Range Current { get; private set; }

    /// <summary>The number of the current line, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>Where the current line begins, white space included.</summary>
    public int Start { get; private set; }

    public static Lines Of(ReadOnlySpan<byte> text) => new(text);

    public readonly Lines GetEnumerator() => this;

    public bool MoveNext()
    {
        while (_next < _text.Length)
        {
            (Start, Number) = (_next, Number + 1);
            var rest = _text[_next..];
            var length = rest.IndexOf((byte)'\n') is >= 0 and var end ? end : rest.Length;
            var line = rest[..length].Trim(" \t\r"u8);
            var start = _next + (line.IsEmpty ? 0 : rest.IndexOf(line[0]));
            _next += length + 1;
            if (!line.IsEmpty)
            {
                Current = start..(start + line.Length);
                return true;
            }
        }

        return false;
    }
}
