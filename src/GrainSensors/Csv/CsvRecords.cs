namespace GrainSensors.Csv;

/// <summary>
/// Reads records: lines of fields. A field in quotes may contain delimiters, line breaks and quotes, which are doubled.
/// </summary>
/// <remarks>
/// A record that is too long, or whose quotes are unclosed or misplaced, costs only its first line; reading goes on with the next
/// one. Libraries end at such a record or take the rest of the file for one field (docs/adr/0009-own-csv-reader.md).
/// </remarks>
internal sealed class CsvRecords(CsvSource source)
{
    /// <summary>The most characters of a record, which bounds the memory.</summary>
    public const int MaxLength = 1 << 20;

    private char[] _buffer = new char[1 << 16];
    private int _start;
    private int _end;
    private int _lines = 1;
    private Field[] _fields = new Field[16];

    /// <summary>The delimiter of the records that are read next.</summary>
    public char Delimiter { get; set; } = ',';

    /// <summary>The number of the record's first line; the first line of the file is 1.</summary>
    public long Line { get; private set; }

    /// <summary>Why the record is invalid; null: it is valid.</summary>
    public string? Error { get; private set; }

    /// <summary>The number of fields of a valid record.</summary>
    public int Count { get; private set; }

    /// <summary>A field without the quotes around it. The memory is valid until the next call of a method.</summary>
    public ReadOnlySpan<char> this[int index] => _buffer.AsSpan(_fields[index].Start, _fields[index].Length);

    /// <returns>The line that is read next, or the start of one that is too long.</returns>
    public ReadOnlySpan<char> PeekLine()
    {
        var end = IndexOfLineEnd();
        return _buffer.AsSpan(_start, end < 0 ? _end - _start : end);
    }

    /// <returns>False at the end of the file.</returns>
    public bool Read()
    {
        Line += _lines;
        (Count, Error, _lines) = (0, null, 1);
        if (!Has(0))
        {
            _lines = 0;
            return false;
        }

        var end = IndexOfLineEnd();
        if (end < 0 && _end - _start >= MaxLength)
        {
            Error = "the line is longer than 1 MiB";
            SkipLine();
            return true;
        }

        end = end < 0 ? _end - _start : end;
        if (!_buffer.AsSpan(_start, end).Contains('"'))
        {
            Split(_buffer.AsSpan(_start, end));
        }
        else if (TrySplitQuoted(out var last))
        {
            _lines += LineEnds(_buffer.AsSpan(_start + end, last - end));
            end = last;
        }
        else
        {
            (Count, Error) = (0, "a quote is unclosed or misplaced");
        }

        end += LineEndLength(end);
        for (var i = 0; i < Count; i++)
        {
            Complete(ref _fields[i]);
        }

        _start += end;
        return true;
    }

    private void Split(ReadOnlySpan<char> line)
    {
        var start = 0;
        while (line[start..].IndexOf(Delimiter) is >= 0 and var length)
        {
            Add(start, length);
            start += length + 1;
        }

        Add(start, line.Length - start);
    }

    /// <param name="end">The end of the record, which may be on a later line.</param>
    private bool TrySplitQuoted(out int end)
    {
        for (var at = 0; ; at++)
        {
            var start = SkipBlanks(at);
            if (!(Has(start) && At(start) == '"' ? TryAddQuoted(start + 1, out at) : TryAddPlain(at, out at)))
            {
                end = 0;
                return false;
            }

            if (!Has(at) || At(at) is '\n' or '\r')
            {
                end = at;
                return true;
            }

            if (At(at) != Delimiter)
            {
                end = 0;
                return false;
            }
        }
    }

    /// <param name="after">The end of the field.</param>
    private bool TryAddPlain(int start, out int after)
    {
        after = start;
        int found;
        while ((found = Has(after) ? Rest(after).IndexOfAny(Delimiter, '\n', '\r') : 0) < 0)
        {
            after = _end - _start;
        }

        after += found;
        Add(start, after - start);
        return !_buffer.AsSpan(_start + start, after - start).Contains('"');
    }

    /// <param name="after">The first character after the field that is not a blank.</param>
    private bool TryAddQuoted(int start, out int after)
    {
        var hasDoubled = false;
        for (var from = start; ; from = after + 1, hasDoubled = true)
        {
            var quote = IndexOfQuote(from);
            after = quote + 1;
            if (quote < 0)
            {
                return false;
            }

            if (!Has(after) || At(after) != '"')
            {
                Add(start, quote - start, hasDoubled);
                after = SkipBlanks(after);
                return true;
            }
        }
    }

    private void Add(int start, int length, bool hasDoubledQuotes = false)
    {
        if (Count == _fields.Length)
        {
            Array.Resize(ref _fields, 2 * Count);
        }

        _fields[Count++] = new(start, length, hasDoubledQuotes);
    }

    /// <summary>Makes the place of the field absolute, and removes the second of doubled quotes.</summary>
    private void Complete(ref Field field)
    {
        var (start, length) = (_start + field.Start, field.Length);
        if (field.HasDoubledQuotes)
        {
            var text = _buffer.AsSpan(start, length);
            length = 0;
            for (var i = 0; i < text.Length; i++)
            {
                var c = text[i];
                text[length++] = c;
                i += c == '"' ? 1 : 0;
            }
        }

        field = new(start, length, false);
    }

    private void SkipLine()
    {
        int end;
        do
        {
            _start = _end;
            end = Has(0) ? Rest(0).IndexOfAny('\n', '\r') : 0;
        }
        while (end < 0);
        end += LineEndLength(end);
        _start += end;
    }

    private static int LineEnds(ReadOnlySpan<char> text) => text.Count('\n') + text.Count('\r') - text.Count("\r\n");

    private int LineEndLength(int at) => !Has(at) ? 0 : At(at) == '\r' && Has(at + 1) && At(at + 1) == '\n' ? 2 : 1;

    private int SkipBlanks(int at)
    {
        while (Has(at) && At(at) == ' ')
        {
            at++;
        }

        return at;
    }

    /// <returns>−1: the file ends first, or the line is too long.</returns>
    private int IndexOfLineEnd()
    {
        var from = 0;
        while (true)
        {
            if (Rest(from).IndexOfAny('\n', '\r') is >= 0 and var found)
            {
                return from + found;
            }

            from = _end - _start;
            if (from >= MaxLength || !Fill())
            {
                return -1;
            }
        }
    }

    /// <returns>−1: the file ends first, or the record is too long.</returns>
    private int IndexOfQuote(int from)
    {
        while (true)
        {
            if (Has(from) && Rest(from).IndexOf('"') is >= 0 and var found)
            {
                return from + found;
            }

            from = _end - _start;
            if (from >= MaxLength || !Fill())
            {
                return -1;
            }
        }
    }

    private ReadOnlySpan<char> Rest(int from) => _buffer.AsSpan(_start + from, _end - _start - from);

    private char At(int at) => _buffer[_start + at];

    /// <summary>The bound holds back a record of which a later line is too long.</summary>
    private bool Has(int at) => _start + at < _end || (at < 2 * MaxLength && Fill());

    /// <summary>Reads on. It moves the text, so places in the record count from <see cref="_start"/>.</summary>
    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        }

        var read = source.Read(_buffer.AsSpan(_end));
        _end += read;
        return read > 0;
    }

    /// <summary>The place of a field; from <see cref="_start"/> while the record is read, then in the buffer.</summary>
    private readonly record struct Field(int Start, int Length, bool HasDoubledQuotes);
}
