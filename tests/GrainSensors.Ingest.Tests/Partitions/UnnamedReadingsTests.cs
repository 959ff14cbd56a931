using System.Text;
using Confluent.Kafka;
using GrainSensors.Ingest.Partitions;

namespace GrainSensors.Ingest.Tests.Partitions;

public sealed class UnnamedReadingsTests
{
    private readonly UnnamedReadings _readings = new();

    [Fact]
    public void Each_name_is_kept_once_and_each_message_as_it_came()
    {
        Header[] headers = [new("trace", [1, 2])];
        Add(10, "boiler", "first", key: "boiler", headers: headers, timestamp: 5);
        Add(11, "pump", "second", key: null);
        Add(12, "boiler", "", key: "");

        Assert.Equal(["boiler", "pump"], _readings.Names.Select(Encoding.UTF8.GetString));
        Assert.Equal([0, 1, 0], Enumerable.Range(0, _readings.Count).Select(_readings.NameOf));
        var messages = Enumerable.Range(0, 3).Select(_readings.MessageOf).Select(_readings.LetterOf).ToList();
        Assert.Equal([10, 11, 12], messages.Select(message => message.Offset));
        Assert.Equal(["first", "second", ""], messages.Select(message => Encoding.UTF8.GetString(message.Bytes!)));
        byte[]?[] keys = ["boiler"u8.ToArray(), null, []];
        Assert.Equal(keys, messages.Select(message => message.Message.Key));
        Assert.Equal([5, null, null], messages.Select(message => message.Message.Timestamp));
        Assert.Equal(headers, messages[0].Message.Headers);
        Assert.Empty(messages[1].Message.Headers);
        Assert.All(messages, message => Assert.Equal(("topic", 3), (message.Topic, message.Partition)));
    }

    [Fact]
    public void A_message_with_several_readings_is_kept_once()
    {
        _readings.Add(
            new() { Topic = "topic", Partition = 3, Offset = 10, Value = "both"u8 },
            [("boiler"u8.ToArray(), 0), ("pump"u8.ToArray(), 4)]);
        Assert.Equal([(0, 0), (0, 4)], Enumerable.Range(0, 2).Select(i => (_readings.MessageOf(i), _readings.IndexOf(i))));
        Assert.Equal("both".Length, _readings.Bytes);
    }

    [Fact]
    public void Nothing_is_left_when_the_batch_is_cleared()
    {
        Add(10, "boiler", "first", key: null);
        _readings.Clear();
        Assert.Equal((0, 0), (_readings.Count, _readings.Bytes));
        Add(11, "pump", "second", key: null);
        Assert.Equal(["pump"], _readings.Names.Select(Encoding.UTF8.GetString));
        Assert.Equal("second"u8, _readings.LetterOf(_readings.MessageOf(0)).Bytes!);
    }

    private void Add(long offset, string name, string value, string? key, IReadOnlyList<IHeader>? headers = null, long? timestamp = null)
    {
        UnnamedMessage message = new()
        {
            Topic = "topic",
            Partition = 3,
            Offset = offset,
            Value = Encoding.UTF8.GetBytes(value),
            HasKey = key is not null,
            Key = Encoding.UTF8.GetBytes(key ?? ""),
            Headers = headers ?? [],
            Timestamp = timestamp,
        };
        _readings.Add(in message, Encoding.UTF8.GetBytes(name));
    }
}
