using System.Globalization;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Csv;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Replay;

/// <summary>A recording in CSV, line by line: readings in their contract JSON, and lines that are none.</summary>
internal sealed class CsvReadings : IDisposable
{
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

    /// <exception cref="UsageException">The file cannot be read, or has not the columns that it needs.</exception>
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
            throw new UsageException($"{path} cannot be read: {e.Message}", e);
        }

        _measurements = measurements;
        _times = new(options);
        _writer = new(measurements);
        _clock = clock;
        _json = new byte[_writer.MaxLength];
    }

    /// <summary>The number of the line that was read last; the header is line 1.</summary>
    public long Line { get; private set; } = 1;

    /// <summary>Whether the recording tells which readings belong to an event.</summary>
    public bool HasLabels => _columns.Label >= 0;

    /// <summary>Whether the reading that was read last belongs to one.</summary>
    public bool IsEvent { get; private set; }

    /// <summary>How much of the file has been read, 0…1.</summary>
    public double Progress => _length == 0 ? 1 : Math.Min(1, (double)_file.Position / _length);

    /// <summary>Reads the next line that is not blank.</summary>
    /// <param name="reading">The reading, if the line holds one.</param>
    /// <param name="error">What is wrong with the line; null: nothing.</param>
    /// <returns>False: the file has ended.</returns>
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

    /// <returns>The contract JSON of the reading, until the next one is asked for.</returns>
    public ReadOnlyMemory<byte> ToJson(in Reading reading) => _json.AsMemory(0, _writer.Write(reading, _json));

    public void Dispose() => _lines.Dispose();

    private string? Parse(ReadOnlySpan<char> line, out Reading reading)
    {
        reading = new() { Offset = -1, Values = MeasurementValues.None };
        Span<Range> fields = stackalloc Range[CsvLine.MaxFields];
        var count = CsvLine.Split(line, _columns.Delimiter, fields);
        if (count < 0)
        {
            return "a quote is not closed or out of place";
        }

        if (count < _columns.Count)
        {
            return $"{count} fields instead of {_columns.Count}";
        }

        var id = line[fields[_columns.SensorId]].Trim();
        if (!int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out reading.SensorId))
        {
            return $"sensor_id \"{id}\" is not a whole number from 0 to {int.MaxValue}";
        }

        var time = line[fields[_columns.Timestamp]].Trim();
        if (!TryReadTime(time, out reading.Timestamp))
        {
            return $"timestamp \"{time}\" is neither epoch seconds nor an ISO 8601 time";
        }

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
                return $"{_measurements[i].Name} \"{text}\" is not a number";
            }

            reading.Values[i] = value;
        }

        IsEvent = HasLabels && line[fields[_columns.Label]].Trim() is not ("" or "0" or "0.0" or "false");
        return WhatThePipelineRefuses(reading);
    }

    /// <summary>The judgement of the pipeline itself, so that what is produced here is not a dead letter there.</summary>
    private string? WhatThePipelineRefuses(in Reading reading)
    {
        if (!_times.Contain(reading.Timestamp, EpochTime.Now(_clock)))
        {
            return $"{EpochTime.ToIso8601(reading.Timestamp)} is before {EpochTime.ToIso8601(_times.First)} or too far ahead of the clock";
        }

        for (var i = 0; i < _measurements.Count; i++)
        {
            if (!double.IsNaN(reading.Values[i]) && !_measurements[i].Accepts(reading.Values[i]))
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_measurements[i].Name} {reading.Values[i]} is outside of {_measurements[i].Min}…{_measurements[i].Max}");
            }
        }

        return null;
    }

    /// <summary>Sensors that were read together have the same time, line after line.</summary>
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
