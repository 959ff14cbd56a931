using GrainSensors.Storage.Sensors;
using GrainSensors.Web.Views;

namespace GrainSensors.Web.Tests.Views;

/// <summary>The sensors that a silo tracks.</summary>
public sealed class FleetTracksTests
{
    [Fact]
    public void A_full_fleet_leaves_sensors_out_but_for_those_with_alerts()
    {
        var tracks = new FleetTracks(most: 2, measurements: 1, primary: 0);
        tracks.Take(1, 10, [20], null);
        Assert.True(tracks.TryTake(new RegisteredSensor(2, "Vigo")));
        Assert.False(tracks.IsFull);

        Assert.False(tracks.TryTake(new RegisteredSensor(3)));
        tracks.Take(4, 10, [20], null);
        Assert.NotNull(tracks.Of(5, isNeeded: true));
        Assert.True(tracks.IsFull);
        Assert.Equal([1, 2, 5], tracks.All.Select(track => track.SensorId).Order());
        Assert.True(tracks.TryTake(new RegisteredSensor(1, "Lugo")));
        Assert.Equal("Lugo", tracks.Of(1)!.Entry!.City);
        Assert.Equal([20f], tracks.TrendOf(1, 0));
        Assert.Empty(tracks.TrendOf(4, 0));

        tracks.ClearEntries();
        Assert.False(tracks.IsFull);
        Assert.All(tracks.All, track => Assert.Null(track.Entry));
        tracks.Remove(tracks.All);
        Assert.Empty(tracks.All);
    }
}
