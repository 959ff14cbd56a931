using System.Globalization;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Csv;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Replay;

/// <summary>Reads a recording in CSV line by line: readings in contract JSON, and invalid lines with their error.</summary>
internal sealed class CsvReadings : IDisposable
{
    /// <summary>Greater numbers are milliseconds; as seconds they would lie after the year 5138.</summary>
    private const long MillisAbove = 100_000_000_000;

    private readonly FileStream _file;
    private readonly long _length;
    private readonly StreamReader _lines;
    private readonly CsvColumns _columns;
    private readonly MeasurementSet _measurements;
    private readonly AcceptedTimes _times;
    private readonly ReadingWriter _writer;
    private readonly TimeProvider _clock;
    private readonly byte[] _json;
    private readonly char[] _time = new char[40];
    private int _timeLength;
    private long _timestamp;

    /// <exception cref="UsageException">The file cannot be read, or a required column is missing.</exception>
    public CsvReadings(string path, MeasurementSet measurements, ReadingOptions options, TimeProvider clock)
    {
        try
        {
            _file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16, FileOptions.SequentialScan);
            _length = _file.Length;
            _lines = new(_file);
            _columns = new(_lines.ReadLine(), path, measurements);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"Cannot read {path}: {e.Message}", e);
        }

        _measurements = measurements;
        _times = new(options);
        _writer = new(measurements);
        _clock = clock;
        _json = new byte[_writer.MaxLength];
    }

    /// <summary>Number of the line that was read last; the header is line 1.</summary>
    public long Line { get; private set; } = 1;

    /// <summary>Whether the recording marks the readings of events.</summary>
    public bool HasLabels => _columns.Label >= 0;

    /// <summary>Whether the reading that was read last belongs to an event.</summary>
    public bool IsEvent { get; private set; }

    /// <summary>Share of the file that has been read, 0 to 1.</summary>
    public double Progress => _length == 0 ? 1 : Math.Min(1, (double)_file.Position / _length);

    /// <summary>Reads the next line that is not blank.</summary>
    /// <param name="reading">The reading of a valid line.</param>
    /// <param name="error">Why the line is invalid; null: it is valid.</param>
    /// <returns>False at the end of the file.</returns>
    public bool Read(out Reading reading, out string? error)
    {
        while (_lines.ReadLine() is { } line)
        {
            Line++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                error = Parse(line, out reading);
                return true;
            }
        }

        (reading, error) = (default, null);
        return false;
    }

    /// <returns>The reading as contract JSON. The memory is valid until the next call.</returns>
    public ReadOnlyMemory<byte> ToJson(in Reading reading) => _json.AsMemory(0, _writer.Write(reading, _json));

    public void Dispose() => _lines.Dispose();

    private string? Parse(ReadOnlySpan<char> line, out Reading reading)
    {
        reading = new() { Offset = -1, Values = MeasurementValues.None };
        Span<Range> fields = stackalloc Range[CsvLine.MaxFields];
        var count = CsvLine.Split(line, _columns.Delimiter, fields);
        if (count < 0)
        {
            return "a quote is unclosed or misplaced";
        }

        if (count < _columns.Count)
        {
            return $"expected {_columns.Count} fields; got {count}";
        }

        var id = line[fields[_columns.SensorId]].Trim();
        if (!int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out reading.SensorId))
        {
            return $"sensor_id must be an integer from 0 to {int.MaxValue}; got \"{id}\"";
        }

        var time = line[fields[_columns.Timestamp]].Trim();
        if (!TryReadTime(time, out reading.Timestamp))
        {
            return $"timestamp must be epoch seconds or an ISO 8601 time; got \"{time}\"";
        }

        if (ParseValues(line, fields, ref reading) is { } error)
        {
            return error;
        }

        IsEvent = HasLabels && line[fields[_columns.Label]].Trim() is not ("" or "0" or "0.0" or "false");
        return Validate(reading);
    }

    /// <summary>An empty field and <c>null</c> are missing values.</summary>
    private string? ParseValues(ReadOnlySpan<char> line, ReadOnlySpan<Range> fields, ref Reading reading)
    {
        for (var i = 0; i < _measurements.Count; i++)
        {
            if (_columns.Values[i] < 0)
            {
                continue;
            }

            var text = line[fields[_columns.Values[i]]].Trim();
            if (text.IsEmpty || text.Equals("null", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
            {
                return $"{_measurements[i].Name} must be a number; got \"{text}\"";
            }

            reading.Values[i] = value;
        }

        return null;
    }

    /// <summary>Applies the rules of the pipeline, so that the replay produces no dead letters.</summary>
    private string? Validate(in Reading reading)
    {
        var now = EpochTime.Now(_clock);
        if (!_times.Contain(reading.Timestamp, now))
        {
            var (first, last) = (EpochTime.ToIso8601(_times.First), EpochTime.ToIso8601(_times.LastAt(now)));
            return $"timestamp must be from {first} to {last}; got {EpochTime.ToIso8601(reading.Timestamp)}";
        }

        for (var i = 0; i < _measurements.Count; i++)
        {
            if (!double.IsNaN(reading.Values[i]) && !_measurements[i].Accepts(reading.Values[i]))
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_measurements[i].Name} must be from {_measurements[i].Min} to {_measurements[i].Max}; got {reading.Values[i]}");
            }
        }

        return null;
    }

    /// <summary>Reuses the last time, because sensors that were read together have the same time on adjacent lines.</summary>
    private bool TryReadTime(ReadOnlySpan<char> text, out long micros)
    {
        if (_timeLength > 0 && text.SequenceEqual(_time.AsSpan(0, _timeLength)))
        {
            micros = _timestamp;
            return true;
        }

        if (!TryParseTime(text, out micros))
        {
            return false;
        }

        _timeLength = text.TryCopyTo(_time) ? text.Length : 0;
        _timestamp = micros;
        return true;
    }

    private static bool TryParseTime(ReadOnlySpan<char> text, out long micros)
    {
        micros = 0;
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            var seconds = Math.Abs(number) > MillisAbove ? number / 1000 : number;
            if (seconds < EpochTime.Min / EpochTime.MicrosPerSecond || seconds >= EpochTime.Max / EpochTime.MicrosPerSecond)
            {
                return false;
            }

            micros = (long)Math.Floor(seconds * EpochTime.MicrosPerSecond);
            return true;
        }

        return EpochTime.TryParse(text, out micros);
    }
}
