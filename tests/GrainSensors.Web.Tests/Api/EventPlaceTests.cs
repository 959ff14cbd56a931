using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using GrainSensors.Web.Api;

namespace GrainSensors.Web.Tests.Api;

/// <summary>The id of an event, with which a client resumes a stream.</summary>
public sealed class EventPlaceTests
{
    private const long Second = EpochTime.MicrosPerSecond;
    private const long Start = 1_764_158_112 * Second;

    private readonly ChangesInMemory _changes = new();

    [Fact]
    public void Survives_the_way_through_its_text()
    {
        var place = new EventPlace(Start);
        var sent = _changes.Write(1, Start + Second);
        place.Alerts.Send(sent);
        place.PassWindows(new Dictionary<int, long> { [0] = 17, [3] = 4 });

        var parsed = Parse(place.ToString());

        Assert.Equal(place.ToString(), parsed.ToString());
        Assert.Equal((Start + Second, Start), (parsed.Alerts.Position, parsed.Alerts.ResumeFrom));
        Assert.True(parsed.Alerts.ReceivedBefore()(sent));
        Assert.False(parsed.Alerts.ReceivedBefore()(sent with { UpdatedAt = Start }));
        Assert.Equal(new Dictionary<int, long> { [0] = 17, [3] = 4 }, parsed.Windows);
    }

    [Fact]
    public async Task A_resumed_stream_receives_late_commits_and_repeats_nothing()
    {
        var place = new EventPlace(Start - (60 * Second));
        _changes.Write(1, Start);
        _changes.Write(3, Start + (2 * Second));
        Assert.Equal([1, 3], await ResumeAsync(place));

        // Stamped before the last change that the client has received, committed after it.
        _changes.Write(2, Start + Second);
        var resumed = Parse(place.ToString());

        Assert.Equal([2], await ResumeAsync(resumed));
        Assert.Empty(await ResumeAsync(Parse(resumed.ToString())));
    }

    [Fact]
    public void A_resumed_stream_does_not_go_back_before_its_start()
    {
        var place = new EventPlace(Start);
        place.Alerts.Send(_changes.Write(1, Start + Second));
        Assert.Equal(Start, Parse(place.ToString()).Alerts.ResumeFrom);

        place.Alerts.Send(_changes.Write(1, Start + (60 * Second)));
        Assert.Equal(Start + (60 * Second) - AlertFeed.Overlap, Parse(place.ToString()).Alerts.ResumeFrom);
    }

    [Fact]
    public async Task Many_changes_at_once_make_the_id_no_longer_and_lose_nothing()
    {
        var place = new EventPlace(Start);
        for (var sensor = 0; sensor < 1000; sensor++)
        {
            place.Alerts.Send(_changes.Write(sensor, Start + sensor));
        }

        _changes.Write(5000, Start + 1);
        Assert.InRange(place.ToString().Length, 1, 400);
        var received = await ResumeAsync(Parse(place.ToString()));

        // The latest 32 are known to be sent; the others of the last 10 seconds are sent again.
        Assert.Contains(5000, received);
        Assert.Equal(1000 - 32 + 1, received.Count);
    }

    [Theory]
    [InlineData("1764158112000000")]
    [InlineData("1764158112000000/0.17_1.25")]
    [InlineData("1764158112000000-2500000~kQ3x_w8Z~AAAA-A_0/0.17")]
    public void Ids_of_this_and_the_earlier_version_are_read(string id) => Assert.Equal(Start, Parse(id).Alerts.Position);

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("17/0.x")]
    [InlineData("17/0.1/2")]
    [InlineData("17-x")]
    [InlineData("17-99999999999")]
    [InlineData("17~short")]
    [InlineData("17~AAAAAA!A")]
    [InlineData("99999999999999999999")]
    public void Other_texts_are_refused(string id) => Assert.False(EventPlace.TryParse(id, out _));

    private static EventPlace Parse(string id)
    {
        Assert.True(EventPlace.TryParse(id, out var place), id);
        return place;
    }

    /// <returns>The sensors of the alerts that the client receives, as <c>EventSource</c> decides.</returns>
    private async Task<List<int>> ResumeAsync(EventPlace place)
    {
        var received = new List<int>();
        var isReceived = place.Alerts.ReceivedBefore();
        var feed = new AlertFeed(_changes, place.Alerts.ResumeFrom);
        await foreach (var page in feed.ReadAsync(TestContext.Current.CancellationToken))
        {
            foreach (var alert in page.Where(alert => !isReceived(alert)))
            {
                received.Add(alert.SensorId);
                place.Alerts.Send(alert);
            }
        }

        return received;
    }
}
