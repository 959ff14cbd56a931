using GrainSensors.Core.Readings;
using GrainSensors.Csv;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Sensors;

/// <summary>Reads entries from CSV with the columns of <see cref="EntryColumn"/>. Only <c>sensor_id</c> is required.</summary>
internal sealed class SensorFile : IEntryFile
{
    private const string Examples = "stations.csv";

    private readonly CsvFile _file;
    private readonly CsvSensor _sensors = new();

    /// <exception cref="UsageException">The file cannot be read, or has no column <c>sensor_id</c>.</exception>
    public SensorFile(string path, CsvFormat format)
        : this(new CsvSource(path, format.Encoding), format)
    {
    }

    private SensorFile(CsvSource source, CsvFormat format)
    {
        _file = new(source, format, EntryColumn.All, "sensor_id,display_name,city,station,tags");
        _file.Header.Require([EntryColumn.SensorId]);
    }

    public string Name => _file.Name;

    public IEnumerable<string> Notes
    {
        get
        {
            if (_sensors.Note is { } note)
            {
                yield return note;
            }

            if (_file.HasWindows1252)
            {
                yield return CsvFile.Windows1252Note;
            }
        }
    }

    /// <returns>Twenty stations in Spain, for testing.</returns>
    public static IReadOnlyList<RegisteredSensor> ReadExamples()
    {
        using var file = OpenExamples();
        return [.. file.Read().Select(line => line.Change(new(line.Sensor.Id)))];
    }

    public static SensorFile OpenExamples() =>
        new(new CsvSource(Examples, typeof(SensorFile).Assembly.GetManifestResourceStream(Examples)!), CsvFormat.Default);

    public IEnumerable<EntryLine> Read()
    {
        while (_file.Read())
        {
            SensorRef sensor = default;
            yield return (_file.Error ?? _sensors.Read(_file.Sensor(_file.Header.Find(EntryColumn.SensorId)), out sensor)) is { } error
                ? EntryLine.Invalid(_file.Line, error)
                : new(_file.Line, sensor, Change());
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>A field without a column stays as it is.</summary>
    private Func<RegisteredSensor, RegisteredSensor> Change()
    {
        var cells = new List<(string Column, string Text)>();
        foreach (var column in EntryColumn.All)
        {
            if (_file.Header.Find(column) is >= 0 and var place)
            {
                cells.Add((column, CsvValue.Unescape(_file[place])));
            }
        }

        return entry => cells.Aggregate(
            entry, (changed, cell) => EntryColumn.Set(changed, cell.Column, cell.Text, _file.AllowsDecimalComma));
    }
}
