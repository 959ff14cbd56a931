using System.Collections.Concurrent;

namespace Orleans.Streaming.Kafka.Internals.Handshakes;

/// <summary>
/// The handshakes for which pulling agents of this provider stop reading. An agent that gets the first message of a stream asks each
/// of its subscribers for a position, and reads no message of any stream until all have answered.
/// </summary>
/// <remarks>An agent makes these calls in the turn in which Orleans reports the stream. No other call comes between.</remarks>
internal sealed class FirstHandshakes
{
    private readonly ConcurrentDictionary<GrainId, int> _expected = new();

    /// <summary>An agent is about to call the subscribers of a stream.</summary>
    public void Expect(GrainId agent, int subscribers) => _expected[agent] = subscribers;

    /// <returns>Whether the agent makes such a call.</returns>
    public bool TryTake(GrainId agent)
    {
        if (!_expected.TryGetValue(agent, out var left))
        {
            return false;
        }

        if (left > 1)
        {
            _expected[agent] = left - 1;
        }
        else
        {
            _expected.TryRemove(agent, out _);
        }

        return left > 0;
    }
}
