using GrainSensors.Core.Readings;
using GrainSensors.Web.Views;

namespace GrainSensors.Web.Tests.Views;

/// <summary>A reading lacks its value as the monitor judges it.</summary>
public sealed class SensorTrackTests
{
    [Theory]
    [InlineData(true, double.NaN, double.NaN)]
    [InlineData(false, 21.5, double.NaN)]
    [InlineData(false, double.NaN, 60.0)] // a sensor of humidity alone
    [InlineData(true, 21.5, 60.0, double.NaN, 60.0)] // it has lost its temperature
    [InlineData(false, double.NaN, 60.0, 21.5, 60.0)]
    public void A_sensor_without_the_first_measurement_may_measure_another(bool lacks, params double[] values)
    {
        var track = new SensorTrack(7, measurements: 2, primary: 0);
        for (var i = 0; i < values.Length; i += 2)
        {
            track.Take(i, values.AsSpan(i, 2), partition: 0);
        }

        Assert.Equal(lacks, track.LacksValue);
    }

    [Fact]
    public void Of_other_measurements_the_last_value_of_each_is_kept_up_to_a_limit()
    {
        var track = new SensorTrack(7, measurements: 1, primary: 0);
        track.TakeStored(1, [20], 0, others: [new("co2", 400), new("battery", 3)]);
        track.Take(2, [21], 0, hasOthers: true, [new("pressure", 1013)]);
        track.Take(3, [double.NaN], 0, hasOthers: true, [new("co2", 500)]);
        track.Take(2, [30], 0, hasOthers: true, [new("co2", 600)]);
        NamedValue[] expected = [new("battery", 3), new("co2", 500), new("pressure", 1013)];
        Assert.Equal(expected, track.Others);
        Assert.Equal<float>([21, float.NaN], track.Trend(0));

        track.Take(4, [22], 0, hasOthers: true, [.. Enumerable.Range(0, 63).Select(i => new NamedValue($"m{i}", i))]);
        Assert.Equal(SensorTrack.MaxOthers, track.Others.Length);
        Assert.Contains(new NamedValue("m62", 62), track.Others);
    }
}
