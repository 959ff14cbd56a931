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
}
