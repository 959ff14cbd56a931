using System.Globalization;
using GrainSensors.Csv;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Sensors;

/// <summary>
/// Reads sensors from CSV: <c>sensor_id,city,station,diff_temperature,overrides</c>. Only the first column is required.
/// </summary>
internal sealed class SensorFile : IDisposable
{
    private const string Examples = "stations.csv";
    private const string SensorId = "sensor_id";
    private const string City = "city";
    private const string Station = "station";
    private const string Offset = "diff_temperature";
    private const int MaxOffset = 1000;
    private const string Overrides = "overrides";

    private readonly CsvFile _file;

    /// <exception cref="UsageException">The file cannot be read, or has no column <c>sensor_id</c>.</exception>
    public SensorFile(string path, CsvFormat format)
        : this(new CsvSource(path, format.Encoding), format)
    {
    }

    private SensorFile(CsvSource source, CsvFormat format)
    {
        _file = new(source, format, [SensorId, City, Station, Offset, Overrides], "sensor_id,city,station,diff_temperature");
        _file.Header.Require([SensorId]);
    }

    /// <inheritdoc cref="CsvFile.Name"/>
    public string Name => _file.Name;

    /// <inheritdoc cref="CsvFile.HasWindows1252"/>
    public bool HasWindows1252 => _file.HasWindows1252;

    /// <summary>A line of the file.</summary>
    /// <param name="Number">Number of the line; the first line of the file is 1.</param>
    /// <param name="Sensor">The sensor; null: the line is invalid.</param>
    /// <param name="Error">Why the line is invalid.</param>
    public readonly record struct Line(long Number, RegisteredSensor? Sensor, string? Error);

    /// <returns>Twenty stations in Spain, for testing.</returns>
    public static IReadOnlyList<RegisteredSensor> ReadExamples()
    {
        using var file = OpenExamples();
        return [.. file.Read(new Dictionary<int, RegisteredSensor>()).Select(line => line.Sensor!)];
    }

    public static SensorFile OpenExamples() =>
        new(new CsvSource(Examples, typeof(SensorFile).Assembly.GetManifestResourceStream(Examples)!), CsvFormat.Default);

    /// <param name="registered">The registered sensors, which keep what the file has no column for.</param>
    public IEnumerable<Line> Read(IReadOnlyDictionary<int, RegisteredSensor> registered)
    {
        var lines = new Dictionary<int, long>();
        while (_file.Read())
        {
            var (sensor, error) = _file.Error is { } invalid ? (null, invalid) : Parse(registered);
            if (sensor?.SensorId is { } id && !lines.TryAdd(id, _file.Line))
            {
                (sensor, error) = (null, $"sensor {id} has two lines, this and line {lines[id]}; remove one");
            }

            yield return new(_file.Line, sensor, error);
        }
    }

    public void Dispose() => _file.Dispose();

    private (RegisteredSensor? Sensor, string? Error) Parse(IReadOnlyDictionary<int, RegisteredSensor> registered)
    {
        var id = _file[_file.Header.Find(SensorId)];
        if (!int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var sensorId))
        {
            return (null, $"sensor_id must be an integer from 0 to {int.MaxValue}; got {CsvValue.Quote(id)}");
        }

        var known = registered.GetValueOrDefault(sensorId) ?? new(sensorId);
        var offset = known.Offset;
        if (_file.Header.Find(Offset) is >= 0 and var column)
        {
            var text = _file[column];
            offset = 0;
            if (!CsvValue.IsMissing(text)
                && (!CsvValue.TryParse(text, _file.AllowsDecimalComma, out offset) || Math.Abs(offset) > MaxOffset))
            {
                return (null, $"{Offset} must be a number from -{MaxOffset} to {MaxOffset}; got {CsvValue.Quote(text)}");
            }
        }

        string[] texts = [City, Station, Overrides];
        if (texts.FirstOrDefault(name => _file.Header.Find(name) is >= 0 and var at && _file[at].Contains('\0')) is { } name)
        {
            return (null, $"{name} must not contain the character U+0000; got {CsvValue.Quote(_file[_file.Header.Find(name)])}");
        }

        return (new(sensorId, Text(City, known.City), Text(Station, known.Station), offset, Text(Overrides, known.Overrides)), null);
    }

    private string? Text(string name, string? known) =>
        _file.Header.Find(name) is not (>= 0 and var column) ? known
        : _file[column] is { IsEmpty: false } text ? text.ToString()
        : null;
}
