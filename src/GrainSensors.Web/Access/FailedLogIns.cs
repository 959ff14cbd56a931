using System.Collections.Concurrent;
using System.Net;
using GrainSensors.Hosting.Access;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Access;

/// <summary>Records invalid keys: of each address one entry in ten seconds, as a client can send any number of them.</summary>
internal sealed class FailedLogIns(AuditTrail audit, TimeProvider clock)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>More addresses than this within the interval share entries.</summary>
    private const int MaxAddresses = 1_000;

    private readonly ConcurrentDictionary<IPAddress, Attempts> _recent = [];

    public async Task RecordAsync(HttpContext context)
    {
        var address = ClientAddress.LimitedAs(context.Connection.RemoteIpAddress);
        if (_recent.Count >= MaxAddresses)
        {
            Forget();
            address = _recent.Count >= MaxAddresses ? IPAddress.None : address;
        }

        var attempts = _recent.GetOrAdd(address, _ => new());
        if (attempts.Count(clock, out var before))
        {
            var detail = before == 0 ? null : $"{before} more since the last entry";
            await audit.WriteAsync(
                new("", AccessActor.AddressOf(context)), AuditActions.LogInFailed, context.Request.Path.Value ?? "", detail);
        }
    }

    private void Forget()
    {
        foreach (var (address, attempts) in _recent.Where(attempts => attempts.Value.IsOver(clock)))
        {
            _recent.TryRemove(new(address, attempts));
        }
    }

    private sealed class Attempts
    {
        private readonly Lock _lock = new();
        private long? _recordedAt;
        private int _since;

        /// <param name="before">The number of attempts that had no entry.</param>
        /// <returns>The attempt gets an entry.</returns>
        public bool Count(TimeProvider clock, out int before)
        {
            lock (_lock)
            {
                before = _since;
                if (_recordedAt is { } at && clock.GetElapsedTime(at) < Interval)
                {
                    _since++;
                    return false;
                }

                (_recordedAt, _since) = (clock.GetTimestamp(), 0);
                return true;
            }
        }

        public bool IsOver(TimeProvider clock)
        {
            lock (_lock)
            {
                return _recordedAt is { } at && clock.GetElapsedTime(at) >= Interval;
            }
        }
    }
}
