using System.Text;
using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka.Native;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Ingest.Tests.DeadLetters;

/// <summary>The timestamp, the key and the headers of a requeued message.</summary>
public sealed class RestoredMessagesTests
{
    private static readonly DateTimeOffset Appended = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _clock = new(Appended.AddHours(3));

    [Theory]
    [InlineData(0, true)]
    [InlineData(60, true)]
    [InlineData(61, false)] // rejected at first as ahead of the clock
    [InlineData(600, true)] // still ahead: it will be rejected again
    public void A_timestamp_is_restored_unless_the_reading_was_ahead_of_it(int minutesAhead, bool isRestored)
    {
        var restored = Restore(Letter(Appended.AddMinutes(minutesAhead), new(null, [], Appended.ToUnixTimeMilliseconds())));

        Assert.Equal(isRestored ? new Timestamp(Appended) : Timestamp.Default, restored.Timestamp);
    }

    [Fact]
    public void A_dead_letter_of_an_older_release_gets_the_sensor_id_for_its_key()
    {
        var restored = Restore(Letter(Appended, message: null));

        Assert.Equal("7"u8, restored.Key!);
        Assert.Equal(Timestamp.Default, restored.Timestamp);
    }

    [Fact]
    public void The_headers_of_an_earlier_requeue_are_replaced()
    {
        IHeader[] headers = [new Header("dead-letter.id", "0:1"u8.ToArray()), new Header("device", null), new Header("device", [])];

        var restored = Restore(Letter(Appended, new([], headers, null)));

        Assert.Empty(restored.Key!);
        Assert.Equal(["device", "device", "dead-letter.id", "dead-letter.topic"], restored.Headers.Select(header => header.Key));
        Assert.Null(restored.Headers[0].GetValueBytes());
        Assert.Equal([], restored.Headers[1].GetValueBytes());
        Assert.Equal("0:17"u8, restored.Headers[2].GetValueBytes());
    }

    private Message<byte[]?, byte[]?> Restore(DeadLetterMessage letter)
    {
        var rules = new RejectionRules(new(MeasurementSet.Default, new()), new(Period.FromSeconds(900), Timeout.InfiniteTimeSpan));
        return new RestoredMessages("sensor-data-dlq", rules, new([]), _clock).Of(letter);
    }

    private static DeadLetterMessage Letter(DateTimeOffset timestamp, MessageAttributes? message) => new(
        new(0, 17),
        Appended,
        "invalid-timestamp",
        "ahead",
        new("sensor-data", 0, 5),
        Encoding.UTF8.GetBytes($"{{\"sensor_id\":7,\"timestamp\":{timestamp.ToUnixTimeSeconds()}}}"),
        null,
        message,
        []);
}
