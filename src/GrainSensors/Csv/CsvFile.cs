using GrainSensors.Core.Text;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Csv;

/// <summary>A CSV file with a header, in any of the usual dialects.</summary>
/// <remarks>
/// The delimiter is a comma, a semicolon, a tab or a vertical bar: the one that is most frequent in the header, or the one that a
/// line <c>sep=;</c> before it names. Blank lines, and comments that start with <c>#</c>, may stand before the header.
/// </remarks>
internal sealed class CsvFile : IDisposable
{
    public const string Windows1252Note = "bytes that are not UTF-8 were read as Windows-1252; --encoding sets another encoding";

    private static readonly char[] Delimiters = [',', ';', '\t', '|'];

    private readonly CsvSource _source;
    private readonly CsvRecords _records;

    /// <param name="source">The text, which the file disposes of.</param>
    /// <param name="columns">The columns that the command reads.</param>
    /// <param name="example">A header, for the message about an empty file.</param>
    /// <exception cref="UsageException">The file cannot be read, or has no valid header.</exception>
    public CsvFile(CsvSource source, CsvFormat format, IReadOnlyList<string> columns, string example)
    {
        _source = source;
        _records = new(_source);
        try
        {
            var delimiter = ReadPreamble();
            _records.Delimiter = delimiter ?? Delimiters.MaxBy(d => CountOutsideQuotes(_records.PeekLine(), d));
            if (!_records.Read())
            {
                throw new UsageException($"{Name} is empty; its first line must name the columns, such as {example}.");
            }

            if (_records.Error is { } error)
            {
                throw new UsageException($"{Name}, line {Line}: the header is invalid; {error}.");
            }

            var names = Enumerable.Range(0, _records.Count).Select(i => _records[i].Trim().ToString()).ToList();
            if (names.Exists(name => name.Contains('\0', StringComparison.Ordinal)))
            {
                throw new UsageException($"{Name} is not a text file; its header is \"{PrintableText.Escape(names[0], CsvValue.Width)}\".");
            }

            Header = new(Name, [.. names.Take(names.FindLastIndex(name => name.Length > 0) + 1)], format.Columns, columns);
        }
        catch
        {
            _source.Dispose();
            throw;
        }
    }

    /// <summary>The path, or what standard input is called in messages.</summary>
    public string Name => _source.Name;

    public CsvHeader Header { get; }

    /// <summary>Whether a number may have a decimal comma.</summary>
    public bool AllowsDecimalComma => _records.Delimiter != ',';

    /// <summary>The number of the first line of the record.</summary>
    public long Line => _records.Line;

    /// <summary>Why the record is invalid; null: it is valid.</summary>
    public string? Error { get; private set; }

    /// <inheritdoc cref="CsvSource.HasWindows1252"/>
    public bool HasWindows1252 => _source.HasWindows1252;

    /// <inheritdoc cref="CsvSource.Progress"/>
    public double? Progress => _source.Progress;

    /// <summary>A field without quotes and blanks around it. The memory is valid until the next call of <see cref="Read"/>.</summary>
    public ReadOnlySpan<char> this[int column] => _records[column].Trim();

    /// <summary>A field as <see cref="this[int]"/> has it; one that begins with an apostrophe keeps the blanks at its end.</summary>
    public ReadOnlySpan<char> Sensor(int column) => _records[column].TrimStart() is ['\'', ..] and var text ? text : this[column];

    /// <summary>Reads the next record that has a value.</summary>
    /// <returns>False at the end of the file.</returns>
    public bool Read()
    {
        do
        {
            if (!_records.Read())
            {
                return false;
            }

            Error = _records.Error;
        }
        while (Error is null && IsBlankFrom(0));
        Error ??= ErrorOfCount();
        return true;
    }

    public void Dispose() => _source.Dispose();

    /// <returns>The delimiter that a line <c>sep=</c> names.</returns>
    private char? ReadPreamble()
    {
        char? delimiter = null;
        while (true)
        {
            var line = _records.PeekLine().Trim();
            var setting = line.Trim('"');
            if (setting.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && setting.Length == 5)
            {
                delimiter = setting[4];
            }
            else if (_records.PeekLine() is "sep=\t")
            {
                delimiter = '\t';
            }
            else if (!(line.IsEmpty || line[0] == '#'))
            {
                return delimiter;
            }

            if (!_records.Read())
            {
                return delimiter;
            }
        }
    }

    private static int CountOutsideQuotes(ReadOnlySpan<char> line, char delimiter)
    {
        var (count, isQuoted) = (0, false);
        foreach (var c in line)
        {
            isQuoted ^= c == '"';
            count += !isQuoted && c == delimiter ? 1 : 0;
        }

        return count;
    }

    private string? ErrorOfCount() =>
        _records.Count < Header.Count ? $"expected {Header.Count} fields; got {_records.Count}"
        : IsBlankFrom(Header.Count) ? null
        : $"expected {Header.Count} fields; got {_records.Count}"
            + (AllowsDecimalComma ? "" : "; numbers with a decimal comma need another delimiter, such as ;");

    private bool IsBlankFrom(int column)
    {
        for (var i = column; i < _records.Count; i++)
        {
            if (!_records[i].IsWhiteSpace())
            {
                return false;
            }
        }

        return true;
    }
}
