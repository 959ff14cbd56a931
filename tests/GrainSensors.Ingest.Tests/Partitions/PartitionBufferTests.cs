using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka.Native;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Ingest.Status;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Ingest.Tests.Partitions;

public sealed class PartitionBufferTests
{
    private readonly PartitionBuffer _buffer = new(20_000, new(), ExactnessRules.Default);
    private readonly byte[] _long = new byte[64 * 1024];

    [Fact]
    public void Large_messages_of_unknown_names_fill_the_buffer_by_their_size()
    {
        var appended = 1;
        while (_buffer.Append(0, ReadingBatch.Of(new Reading { Offset = appended, SensorId = SensorName.NoNumber }), new()
        {
            Topic = "topic",
            Partition = 0,
            Offset = appended,
            Value = _long,
        }, "boiler"u8))
        {
            appended++;
        }

        Assert.Equal(16 * 1024 * 1024 / _long.Length, appended);
        Assert.NotNull(_buffer.Take((_, _) => { }));
        Assert.True(_buffer.Append(0, ReadingBatch.Of(new Reading { Offset = appended + 1 })));
    }

    [Fact]
    public void Large_rejected_messages_fill_the_buffer_by_their_size()
    {
        var appended = 1;
        while (_buffer.Append(0, new DeadLetter("topic", 0, appended, RejectReason.NotJson, "", _long, MessageAttributes.None)))
        {
            appended++;
        }

        Assert.Equal(16 * 1024 * 1024 / _long.Length, appended);
    }

    [Theory]
    [InlineData(2, 20_000)]
    [InlineData(8, 20_000)]
    [InlineData(64, 2_500)]
    public void Messages_with_many_values_fill_the_buffer_sooner(int values, int messages)
    {
        var reading = new Reading { SensorId = 7, Values = MeasurementValues.Of(Enumerable.Repeat(20.0, values).ToArray()) };
        var appended = 1;
        while (_buffer.Append(0, ReadingBatch.Of(reading with { Offset = appended })))
        {
            appended++;
        }

        Assert.Equal(messages, appended);
        Assert.True(_buffer.IsFull);
        Assert.NotNull(_buffer.Take((_, _) => { }));
        Assert.False(_buffer.IsFull);
    }

    [Fact]
    public async Task A_batch_that_fills_the_buffer_is_sent_at_once_though_more_sensors_could_share_it()
    {
        var wake = new Signal();
        var buffer = new PartitionBuffer(100, wake, ExactnessRules.Default);
        var counters = new PartitionCounters { EndOffset = 1_000_000 };
        using var linger = new BatchLinger(
            buffer, counters, wake, new() { MaxBatchWait = TimeSpan.FromMilliseconds(50) }, new FakeTimeProvider());
        var reading = new Reading { SensorId = 7, Values = MeasurementValues.Of(Enumerable.Repeat(20.0, 64).ToArray()) };
        buffer.Append(0, ReadingBatch.Of(reading with { Offset = 1 }));
        Assert.False(linger.IsOver(sensors: 1000));
        await wake.WaitAsync();

        for (var offset = 2; buffer.Append(0, ReadingBatch.Of(reading with { Offset = offset })); offset++)
        {
            Assert.False(linger.IsOver(sensors: 1000));
        }

        await wake.WaitAsync().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.True(linger.IsOver(sensors: 1000));
    }
}
