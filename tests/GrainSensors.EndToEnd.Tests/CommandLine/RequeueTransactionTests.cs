using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>
/// The transactions of a requeue, as far as the embedded broker supports them: it accepts transactions, but it fences no
/// producer and shows uncommitted messages.
/// </summary>
[Trait("Category", "System")]
public sealed class RequeueTransactionTests : IDisposable
{
    private readonly DeadLetters _letters = new();

    [Fact]
    public void Reading_and_mark_are_written_together()
    {
        using var log = Open();

        Assert.Empty(log.Append([Letter(0, "first"), Letter(1, "second")]));

        Assert.Equal(["first", "second"], Texts(DeadLetters.Readings));
        Assert.Equal(2, _letters.Read(DeadLetters.Topic).Count);
    }

    [Fact]
    public void A_letter_that_Kafka_refuses_holds_up_no_other()
    {
        using var log = Open();
        var (good, tooLong) = (Letter(0, "good"), Letter(1, new string('x', 3000)));

        var failures = log.Append([tooLong, good]);

        Assert.Equal([tooLong], failures.Keys);
        Assert.Contains("good", Texts(DeadLetters.Readings));
        var marked = _letters.Read(DeadLetters.Topic).Select(DeadLetters.HeadersOf).SelectMany(headers => headers.Split(' ', '='));
        Assert.DoesNotContain(tooLong.Message.Id.ToString(), marked);
    }

    public void Dispose() => _letters.Dispose();

    private TransactionalRequeueLog Open()
    {
        var kafka = new KafkaOptions
        {
            BootstrapServers = _letters.Kafka,
            Client = { ["message.max.bytes"] = "2000", ["batch.size"] = "1000" },
        };
        var rules = new RejectionRules(new(MeasurementSet.Default, new()), new(Period.FromSeconds(900), Timeout.InfiniteTimeSpan));
        return new(new(kafka, NullLogger<KafkaClients>.Instance), new(DeadLetters.Topic, rules, new([]), TimeProvider.System));
    }

    private IEnumerable<string> Texts(string topic) =>
        _letters.Read(topic).Select(reading => Encoding.UTF8.GetString(reading.Message.Value ?? [])).Order();

    private static DeadLetterRecord Letter(int offset, string text)
    {
        var id = new DeadLetterId(0, offset);
        var bytes = Encoding.UTF8.GetBytes(text);
        var source = new DeadLetterSource(DeadLetters.Readings, 0, offset);
        return new(new(id, DateTimeOffset.UnixEpoch, "not-json", null, source, bytes, null, null, []), [id], null);
    }
}
