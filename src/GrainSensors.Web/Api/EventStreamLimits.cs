using System.Collections.Concurrent;
using GrainSensors.Hosting.Configuration;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Api;

/// <summary>Limits the event streams of each key and of the silo.</summary>
internal sealed class EventStreamLimits(AccessRules rules)
{
    /// <summary>The seconds after which another stream may have ended.</summary>
    private const int RetryAfter = 10;

    private readonly ConcurrentDictionary<string, int> _byKey = [];
    private int _all;

    /// <returns>Ends the stream when disposed.</returns>
    /// <exception cref="ApiException">The key or the silo has too many streams.</exception>
    public IDisposable Enter(HttpContext context)
    {
        // Without keys all clients have one name, so only the limit of the silo applies.
        var key = rules.IsOpen ? null : context.User.Identity?.Name;
        var stream = new Stream(this, key);
        if (Interlocked.Increment(ref _all) > rules.Limits.MaxStreams)
        {
            stream.Dispose();
            throw Refused(StatusCodes.Status503ServiceUnavailable, $"The silo has {rules.Limits.MaxStreams} event streams");
        }

        if (key is not null && _byKey[key] > rules.Limits.MaxStreamsPerKey)
        {
            stream.Dispose();
            throw Refused(StatusCodes.Status429TooManyRequests, $"The key \"{key}\" has {rules.Limits.MaxStreamsPerKey} event streams");
        }

        return stream;
    }

    private static ApiException Refused(int status, string reason) =>
        new(status, $"{reason}, which is the limit; close one, or retry after {RetryAfter} s.") { RetryAfter = RetryAfter };

    private sealed class Stream : IDisposable
    {
        private readonly EventStreamLimits _limits;
        private readonly string? _key;
        private int _isOver;

        public Stream(EventStreamLimits limits, string? key)
        {
            (_limits, _key) = (limits, key);
            if (key is not null)
            {
                limits._byKey.AddOrUpdate(key, 1, (_, count) => count + 1);
            }
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) != 0)
            {
                return;
            }

            Interlocked.Decrement(ref _limits._all);
            if (_key is not null)
            {
                _limits._byKey.AddOrUpdate(_key, 0, (_, count) => count - 1);
            }
        }
    }
}
