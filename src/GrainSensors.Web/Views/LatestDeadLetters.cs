using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Views;

/// <summary>The latest dead letters, read from Kafka on request.</summary>
/// <remarks>One read at a time serves all pages. Pages that ask during a read share the next one, which begins after they asked.</remarks>
internal sealed class LatestDeadLetters(IOptions<KafkaOptions> kafka)
{
    public const int Most = 50;

    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;
    private Task<IReadOnlyList<DeadLetterRecord>>? _next;

    /// <summary>Reads so far.</summary>
    public int Reads { get; private set; }

    /// <returns>The dead letters, newest first.</returns>
    /// <exception cref="KafkaUnavailableException">Kafka is unavailable, or the topic does not exist.</exception>
    public Task<IReadOnlyList<DeadLetterRecord>> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var running = _running;
            _next ??= Task.Run(() => AfterAsync(running), CancellationToken.None);
            return _next.WaitAsync(cancellationToken);
        }
    }

    private async Task<IReadOnlyList<DeadLetterRecord>> AfterAsync(Task running)
    {
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            (_running, _next) = (_next!, null);
            Reads++;
        }

        using var topic = await DeadLetterTopic.OpenAsync(kafka.Value);
        return topic.ReadLatest(Most, CancellationToken.None);
    }
}
