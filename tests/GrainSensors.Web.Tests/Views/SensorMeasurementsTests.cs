using GrainSensors.Core.Statistics;
using GrainSensors.Web.Views;

namespace GrainSensors.Web.Tests.Views;

/// <summary>The measurements on the page of a sensor.</summary>
public sealed class SensorMeasurementsTests
{
    private static readonly string[] Configured = ["temperature", "humidity"];

    [Fact]
    public void A_sensor_has_the_measurements_of_its_windows_and_of_its_latest_reading()
    {
        var (first, second) = (new SensorWindow(0, 1), new SensorWindow(1, 2));
        first.Add(new("pressure", Of(1000)), 0, true);
        first.Add(new("co2", Of(400)), 0, true);
        second.Add(new("co2", Of(500)), 0, true);
        Assert.Equal(["co2", "pressure"], SensorMeasurements.Of(Configured, null, [first, second]));
        Assert.Equal(["humidity", "co2", "pressure"], SensorMeasurements.Of(Configured, Line(double.NaN, 60), [first, second]));
        Assert.Equal(["temperature", "co2"], SensorMeasurements.Of(Configured, Line(21, double.NaN), [second]));
        Assert.Equal(Configured, SensorMeasurements.Of(Configured, Line(double.NaN, double.NaN), []));
        Assert.Equal(
            new Dictionary<string, double> { ["co2"] = 500, ["pressure"] = 1000 }, SensorMeasurements.MeansOf([first, second]));
    }

    [Fact]
    public void The_fleet_has_columns_for_what_its_sensors_send()
    {
        SensorLine[] lines =
        [
            Line(double.NaN, 60) with { Others = [new("co2", 400), new("pressure", 1000)] },
            Line(double.NaN, double.NaN) with { Others = [new("pressure", 1010)] },
        ];
        Assert.Equal(["humidity", "pressure", "co2"], Columns(lines));
        Assert.Equal(["pressure", "temperature", "humidity"], Columns(lines[1]));
        Assert.Equal(["temperature", "humidity"], Columns(Line(21, double.NaN)));
        Assert.Equal(1010, lines[1].ValueOf("pressure", -1));
        Assert.Equal(double.NaN, lines[1].ValueOf("co2", -1));
        Assert.Equal(
            ["humidity", "co2", "pressure"], SensorMeasurements.Of(Configured, lines[0], []));

        static IEnumerable<string> Columns(params SensorLine[] sensors) =>
            SensorMeasurements.ColumnsOf(new(1, Configured, sensors, default), 3).Select(column => column.Name);
    }

    private static SensorLine Line(params double[] values) => new(7, SensorCondition.Reporting, 0, values, 0, null);

    private static RunningStatistics Of(double value) => default(RunningStatistics).Add(value);
}
