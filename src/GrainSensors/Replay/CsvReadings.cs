using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Csv;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Replay;

/// <summary>Reads a recording in CSV line by line: readings in contract JSON, and invalid lines with their error.</summary>
internal sealed class CsvReadings : IDisposable
{
    private const string SensorIdColumn = "sensor_id";
    private const string TimestampColumn = "timestamp";
    private const string LabelColumn = "label";

    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly CsvFile _file;
    private readonly int _sensorId;
    private readonly int _timestamp;
    private readonly int _label;
    private readonly int[] _values;
    private readonly MeasurementSet _measurements;
    private readonly AcceptedTimes _accepted;
    private readonly RecordedTimes _times;
    private readonly ReadingWriter _writer;
    private readonly TimeProvider _clock;
    private readonly byte[] _json;
    private readonly CsvSensor _sensors = new();
    private readonly Dictionary<string, Named> _named = [];
    private Named? _name;
    private int? _outOfRange;
    private bool _hasCommas;

    /// <exception cref="UsageException">The file cannot be read, or a required column is missing.</exception>
    public CsvReadings(RecordingFile recording, MeasurementSet measurements, ReadingOptions options, TimeProvider clock)
    {
        List<string> names = [.. measurements.All.Select(m => m.Name)];
        _file = new(
            new(recording.Path, recording.Format.Encoding),
            recording.Format,
            [SensorIdColumn, TimestampColumn, .. names, LabelColumn],
            $"{SensorIdColumn},{TimestampColumn},{string.Join(',', names)}");
        try
        {
            _file.Header.Require([SensorIdColumn], [TimestampColumn], names);
        }
        catch
        {
            _file.Dispose();
            throw;
        }

        _sensorId = _file.Header.Find(SensorIdColumn);
        _timestamp = _file.Header.Find(TimestampColumn);
        _label = _file.Header.Find(LabelColumn);
        _values = [.. names.Select(_file.Header.Find)];
        _measurements = measurements;
        _accepted = new(options);
        _times = new(recording.TimeFormat, recording.TimeZone, _file.AllowsDecimalComma);
        _writer = new(measurements);
        _clock = clock;
        _json = new byte[_writer.MaxLength];
    }

    /// <summary>What the file is called in messages.</summary>
    public string Name => _file.Name;

    /// <summary>Number of the first line of the record that was read last; the first line of the file is 1.</summary>
    public long Line => _file.Line;

    /// <summary>Whether the recording marks the readings of events.</summary>
    public bool HasLabels => _label >= 0;

    /// <summary>Whether the reading that was read last belongs to an event.</summary>
    public bool IsEvent { get; private set; }

    /// <summary>The sensor of the reading that was read last. The number of a name is of this file.</summary>
    public SensorRef Sensor { get; private set; }

    /// <summary>The name of <see cref="Sensor"/> as UTF-8; empty: it has an id.</summary>
    public ReadOnlyMemory<byte> NameUtf8 => _name?.Utf8;

    /// <inheritdoc cref="CsvFile.Progress"/>
    public double? Progress => _file.Progress;

    /// <summary>What was assumed about the recording so far.</summary>
    public IReadOnlyList<string> Notes
    {
        get
        {
            var notes = new List<string>();
            if (_times.AssumesUtc)
            {
                notes.Add("times without an offset were read as UTC; for local time give --time-zone, such as Europe/Madrid");
            }

            if (_times.Repeated is { } repeated)
            {
                notes.Add(repeated);
            }

            if (_times.NeedsFormat)
            {
                notes.Add("times in other forms were rejected; give their form, such as --time-format \"dd/MM/yyyy HH:mm\"");
            }

            if (_outOfRange is { } number)
            {
                notes.Add($"numbers out of range were rejected; list those that mean \"no value\" in Measurements:{number}:Missing");
            }

            if (_hasCommas)
            {
                notes.Add("numbers with a decimal comma were rejected; between commas they need a point");
            }

            if (_sensors.Note is { } padded)
            {
                notes.Add(padded);
            }

            if (_file.HasWindows1252)
            {
                notes.Add(CsvFile.Windows1252Note);
            }

            return notes;
        }
    }

    /// <summary>Reads the next line that is not blank.</summary>
    /// <param name="reading">The reading of a valid line.</param>
    /// <param name="error">Why the line is invalid; null: it is valid.</param>
    /// <returns>False at the end of the file.</returns>
    public bool Read(out Reading reading, out string? error)
    {
        (reading, error) = (new() { Offset = -1, Values = MeasurementValues.None }, null);
        if (!_file.Read())
        {
            return false;
        }

        error = _file.Error ?? Parse(ref reading);
        return true;
    }

    /// <returns>The reading as contract JSON. The memory is valid until the next call.</returns>
    public ReadOnlyMemory<byte> ToJson(in Reading reading)
    {
        var json = _json.AsMemory(0, _writer.Write(reading, _json));
        return _name is null ? json : _name.In(json.Span);
    }

    public void Dispose() => _file.Dispose();

    private string? Parse(ref Reading reading)
    {
        if (ParseSensor() is { } invalid)
        {
            return invalid;
        }

        reading.SensorId = Sensor.Id;
        if ((_times.Read(reading.SensorId, _file[_timestamp], out reading.Timestamp) ?? ParseValues(ref reading)) is { } error)
        {
            return error;
        }

        IsEvent = HasLabels && _file[_label] is not ("" or "0" or "0.0" or "false");
        return Validate(reading);
    }

    private string? ParseSensor()
    {
        var cell = _file.Sensor(_sensorId);
        if (_named.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(cell, out _name))
        {
            Sensor = _name.Sensor;
            return null;
        }

        if (_sensors.Read(cell, out var sensor) is { } error)
        {
            return error;
        }

        if (sensor.Name is { } name)
        {
            sensor = new(SensorName.MaxNumber - _named.Count, name);
            _named.Add(cell.ToString(), _name = new(sensor, _json.Length));
        }

        Sensor = sensor;
        return null;
    }

    private string? ParseValues(ref Reading reading)
    {
        for (var i = 0; i < _measurements.Count; i++)
        {
            if (_values[i] < 0)
            {
                continue;
            }

            var text = _file[_values[i]];
            if (CsvValue.IsMissing(text))
            {
                continue;
            }

            if (!CsvValue.TryParse(text, _file.AllowsDecimalComma, out var value))
            {
                _hasCommas |= text.Contains(',');
                return $"{_measurements[i].Name} must be a number; got {CsvValue.Quote(text)}";
            }

            reading.Values[i] = _measurements[i].IsMissing(value) ? double.NaN : value;
        }

        return null;
    }

    /// <summary>Applies the rules of the pipeline, so that the replay produces no dead letters.</summary>
    private string? Validate(in Reading reading)
    {
        var now = EpochTime.Now(_clock);
        if (!_accepted.Contain(reading.Timestamp, now))
        {
            var (first, last) = (EpochTime.ToIso8601(_accepted.First), EpochTime.ToIso8601(_accepted.LastAt(now)));
            return $"timestamp must be from {first} to {last}; got {EpochTime.ToIso8601(reading.Timestamp)}";
        }

        for (var i = 0; i < _measurements.Count; i++)
        {
            var (measurement, value) = (_measurements[i], reading.Values[i]);
            if (!double.IsNaN(value) && !measurement.Accepts(measurement.Keep(value)))
            {
                _outOfRange ??= i;
                return string.Create(CultureInfo.InvariantCulture, $"{measurement.Name} must be {measurement.RangeText}; got {value}");
            }
        }

        return null;
    }

    /// <summary>A sensor with a name.</summary>
    private sealed class Named(SensorRef sensor, int maxJson)
    {
        private static readonly int IdAt = "{\"sensor_id\":"u8.Length;

        private readonly byte[] _name = JsonSerializer.SerializeToUtf8Bytes(sensor.Name, Unescaped);
        private byte[]? _buffer;

        public SensorRef Sensor => sensor;

        public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(sensor.Name!);

        /// <param name="json">A reading with the number of the sensor.</param>
        /// <returns>The reading with the name. The memory is valid until the next call.</returns>
        public ReadOnlyMemory<byte> In(ReadOnlySpan<byte> json)
        {
            _buffer ??= new byte[maxJson + _name.Length];
            var rest = json[json.IndexOf((byte)',')..];
            json[..IdAt].CopyTo(_buffer);
            _name.CopyTo(_buffer, IdAt);
            rest.CopyTo(_buffer.AsSpan(IdAt + _name.Length));
            return _buffer.AsMemory(0, IdAt + _name.Length + rest.Length);
        }
    }
}
