using System.Globalization;
using GrainSensors.Csv;
using GrainSensors.Sensors;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Tests.Csv;

/// <summary>The column <c>sensor_id</c>.</summary>
public sealed class CsvSensorTests
{
    private static readonly string[] Names =
    [
        "007", "'007", "''007", "7.0", "7.", "00000000000000000007", "9000000000", "-5", "-", "=1", "'=1", "''=1", "+7", "@a", " =1", "=1 ",
        "' =1", " a", "a ", " ", "'", "''", "' ", " '", "'a", "'a ", "' a", "'7", "''7", "a, b", " \"a\" ", "'s-Gravenhage", "#7",
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_sensor_that_is_exported_is_read_as_itself(bool keepsFormulas)
    {
        RegisteredSensor[] entries = [new(7), .. Names.Select((name, i) => new RegisteredSensor(-2 - i) { Name = name })];
        var output = new StringWriter(CultureInfo.InvariantCulture);
        await SensorExport.WriteCsvAsync(output, entries.ToAsyncEnumerable(), keepsFormulas);

        using var file = CsvText.File($"{output}", EntryColumn.All);
        Assert.Equal(entries.Select(entry => $"{entry.Sensor}"), Sensors(file));
    }

    [Theory]
    [InlineData("007", "7")]
    [InlineData(" 7 ", "7")]
    [InlineData("'007", "007")]
    [InlineData("\"'007\"", "007")]
    [InlineData(" '7.0", "7.0")]
    [InlineData("'7", "7")]
    [InlineData("'-x", "-x")]
    [InlineData("'s-Gravenhage", "'s-Gravenhage")]
    [InlineData(" a ", "a")]
    [InlineData("' a ", " a ")]
    public void An_apostrophe_precedes_a_name_that_would_be_read_as_something_else(string cell, string sensor)
    {
        using var file = CsvText.File($"city,sensor_id\nBonn,{cell}\n", "sensor_id");
        Assert.Equal([sensor], Sensors(file));
    }

    private static List<string> Sensors(CsvFile file)
    {
        var (sensors, read) = (new CsvSensor(), new List<string>());
        while (file.Read())
        {
            read.Add(file.Error ?? sensors.Read(file.Sensor(file.Header.Find("sensor_id")), out var sensor) ?? $"{sensor}");
        }

        return read;
    }
}
