using System.Collections.Concurrent;
using Confluent.Kafka;
using Orleans.Streaming.Kafka.Internals.Clients;
using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka.Internals.Failures;

/// <summary>
/// Writes dead letters for messages that their format cannot read. The subscriber's process finds them, and no retry helps. The message
/// counts as delivered when Kafka has acknowledged the dead letter.
/// </summary>
internal sealed class UnreadableMessages(DeadLetterWriter deadLetters, KafkaClients clients) : IDisposable
{
    /// <summary>
    /// Maximum time for which a delivery waits for the dead letter. Kafka usually acknowledges it within milliseconds; otherwise the
    /// agent delivers the message again later.
    /// </summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<TopicPartitionOffset, Task> _letters = new();
    private readonly CancellationTokenSource _stop = new();

    /// <returns>Whether the message is a dead letter now, and not to be delivered.</returns>
    public bool TryReject(DeadLetter letter)
    {
        var topic = clients.OptionsOf(letter.Source.Topic);
        if (topic is null || clients.FailurePolicyOf(topic) != KafkaFailurePolicy.DeadLetter)
        {
            return false;
        }

        var writing = _letters.GetOrAdd(letter.Source, _ => deadLetters.WriteAsync(letter, () => { }, _stop.Token));
        if (!writing.Wait(MaxWait, CancellationToken.None) || _stop.IsCancellationRequested)
        {
            return false;
        }

        _letters.TryRemove(letter.Source, out _);
        return true;
    }

    public void Dispose() => _stop.Cancel();
}
