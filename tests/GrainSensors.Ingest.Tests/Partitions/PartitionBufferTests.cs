using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka.Native;
using GrainSensors.Ingest.Partitions;

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
    }
}
