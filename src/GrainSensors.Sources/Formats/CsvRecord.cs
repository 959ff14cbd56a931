namespace GrainSensors.Sources.Formats;

/// <summary>The cells of one record after the other.</summary>
internal sealed class CsvRecord(byte delimiter)
{
    /// <summary>The most cells of a record.</summary>
    private const int MaxCells = 1000;

    private readonly List<Range> _cells = [];
    private byte[] _bytes = new byte[1024];
    private int _length;

    public int Count => _cells.Count;

    /// <summary>What is wrong with the record; null: nothing.</summary>
    public string? Error { get; private set; }

    /// <summary>A cell without quotes, and without white space around it.</summary>
    public ReadOnlySpan<byte> this[int index] => _bytes.AsSpan(_cells[index]);

    public byte[][] ToArray() => [.. _cells.Select(cell => _bytes[cell])];

    /// <returns>Whether the cells are these names.</returns>
    public bool Is(byte[][] names)
    {
        var isSame = Count == names.Length;
        for (var i = 0; i < Count && isSame; i++)
        {
            isSame = this[i].SequenceEqual(names[i]);
        }

        return isSame;
    }

    /// <summary>Takes the next record; blank lines are passed over.</summary>
    /// <param name="rest">Begins behind the record afterwards.</param>
    /// <returns>False at the end of the text.</returns>
    public bool TryRead(ref ReadOnlySpan<byte> rest)
    {
        rest = rest.TrimStart("\r\n"u8);
        (Error, _length) = (null, 0);
        _cells.Clear();
        if (rest.IsEmpty)
        {
            return false;
        }

        while (TryReadCell(ref rest))
        {
            // Until the end of the line.
        }

        return true;
    }

    /// <returns>Whether another cell follows.</returns>
    private bool TryReadCell(ref ReadOnlySpan<byte> rest)
    {
        var text = rest.TrimStart(" "u8);
        var isQuoted = !text.IsEmpty && text[0] == '"';
        var start = _length;
        if (isQuoted)
        {
            rest = text[1..];
            TakeQuoted(ref rest);
        }

        var length = rest.IndexOfAny(delimiter, (byte)'\r', (byte)'\n') is >= 0 and var end ? end : rest.Length;
        var plain = rest[..length].Trim((byte)' ');
        if (isQuoted && !plain.IsEmpty)
        {
            Error ??= "text follows a closing quote";
        }

        Append(plain);
        if (_cells.Count == MaxCells)
        {
            Error ??= $"it has more than {MaxCells} cells";
        }
        else
        {
            _cells.Add(start.._length);
        }

        var hasNext = length < rest.Length && rest[length] == delimiter;
        rest = rest[Math.Min(length + (hasNext ? 1 : 0), rest.Length)..];
        return hasNext;
    }

    /// <summary>Takes the text up to the closing quote; two quotes are one.</summary>
    private void TakeQuoted(ref ReadOnlySpan<byte> rest)
    {
        while (true)
        {
            var quote = rest.IndexOf((byte)'"');
            if (quote < 0)
            {
                Error ??= "a quote is not closed";
                rest = default;
                return;
            }

            Append(rest[..quote]);
            rest = rest[(quote + 1)..];
            if (rest.IsEmpty || rest[0] != '"')
            {
                return;
            }

            Append("\""u8);
            rest = rest[1..];
        }
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        if (_length + text.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_length + text.Length, _bytes.Length * 2));
        }

        text.CopyTo(_bytes.AsSpan(_length));
        _length += text.Length;
    }
}
