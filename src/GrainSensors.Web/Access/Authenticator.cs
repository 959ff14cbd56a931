using System.Net;
using System.Text;
using System.Threading.RateLimiting;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage.Windows;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace GrainSensors.Web.Access;

/// <summary>Finds out who sends a request: by an access key in a header, or by the session of a cookie.</summary>
internal sealed class Authenticator(AccessRules rules, Sessions sessions, TimeProvider clock) : IDisposable
{
    public const string KeyHeader = "X-Api-Key";

    /// <summary>The schemes of a header with the key itself; clients of InfluxDB use the second one.</summary>
    private static readonly string[] Schemes = ["Bearer ", "Token "];

    private const string Basic = "Basic ";

    /// <summary>Longer values cannot be access keys, so they are not hashed.</summary>
    private const int MaxKeyLength = 256;

    /// <summary>Each session that this silo does not know is a read of the store, and clients without access can send any number.</summary>
    private readonly PartitionedRateLimiter<IPAddress> _lookups = PartitionedRateLimiter.Create<IPAddress, IPAddress>(
        address => RateLimitPartition.GetTokenBucketLimiter(address, _ => RequestRates.BucketOf(rules)));

    public async Task<AccessDecision> DecideAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (rules.IsOpen)
        {
            return AccessDecision.Granted("everybody", AccessRole.Admin);
        }

        return Key(context.Request) is { } key ? ByAnyKey(key)
            : context.Request.Cookies[SessionCookie.NameIn(context)] is { } token ? await BySessionAsync(context, token, cancellationToken)
            : KnownPassword(context.Request) is { } password ? ByAnyKey(password)
            : AccessDecision.Nothing;
    }

    /// <summary>Judges an access key. Device keys open nothing here: they start no session.</summary>
    public AccessDecision ByKey(string presented) =>
        presented.Length > MaxKeyLength || rules.Keys.Find(presented) is not { } key ? AccessDecision.Refused("Invalid access key.")
        : key.IsExpired(clock.GetUtcNow()) ? AccessDecision.Refused($"The access key \"{key.Name}\" expired at {key.ExpiresAt:u}.")
        : AccessDecision.Granted(key.Name, key.Role, key.HashHex);

    private AccessDecision ByAnyKey(string presented) =>
        presented.Length > MaxKeyLength || !AccessKey.IsForDevice(presented) || rules.Keys.Find(presented) is not null
            ? ByKey(presented)
        : !rules.DeviceKeys.AreKnown ? AccessDecision.Unavailable
        : rules.DeviceKeys.Find(presented) is not { } device ? AccessDecision.Refused("Invalid device key.")
        : device.ExpiresAt is { } end && end <= EpochTime.Now(clock)
            ? AccessDecision.Refused($"The device key \"{device.Name}\" expired at {EpochTime.ToIso8601(end)}.")
        : AccessDecision.Granted(device);

    public void Dispose() => _lookups.Dispose();

    private async Task<AccessDecision> BySessionAsync(HttpContext context, string token, CancellationToken cancellationToken)
    {
        if (!Sessions.IsToken(token) || !(sessions.Knows(token) || MayLookUp(context)))
        {
            return AccessDecision.Nothing;
        }

        try
        {
            return await sessions.FindAsync(token, cancellationToken) is { } session
                ? AccessDecision.Granted(session.Name, session.IsAdmin ? AccessRole.Admin : AccessRole.Read)
                : AccessDecision.Nothing;
        }
        catch (WindowStoreUnavailableException)
        {
            return AccessDecision.Unavailable;
        }
    }

    private bool MayLookUp(HttpContext context)
    {
        using var lease = _lookups.AttemptAcquire(ClientAddress.LimitedAs(context.Connection.RemoteIpAddress));
        return lease.IsAcquired;
    }

    /// <summary>
    /// Clients that have a user and a password send the key as the password. The name does not matter. A proxy may send passwords of its
    /// own with the requests of people who are logged in.
    /// </summary>
    private string? KnownPassword(HttpRequest request)
    {
        var authorization = request.Headers[HeaderNames.Authorization].ToString();
        return authorization.StartsWith(Basic, StringComparison.OrdinalIgnoreCase)
            && Password(authorization[Basic.Length..].Trim()) is { Length: <= MaxKeyLength } password
            && (AccessKey.IsForDevice(password) || rules.Keys.Find(password) is not null)
                ? password
                : null;
    }

    private static string Password(string credentials)
    {
        var bytes = new byte[credentials.Length];
        return Convert.TryFromBase64String(credentials, bytes, out var length)
            && Encoding.UTF8.GetString(bytes, 0, length) is var text && text.IndexOf(':', StringComparison.Ordinal) is >= 0 and var at
                ? text[(at + 1)..]
                : "";
    }

    private static string? Key(HttpRequest request)
    {
        var authorization = request.Headers[HeaderNames.Authorization].ToString();
        foreach (var scheme in Schemes)
        {
            if (authorization.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            {
                return authorization[scheme.Length..].Trim();
            }
        }

        var header = request.Headers[KeyHeader].ToString();
        return header.Length > 0 ? header : null;
    }
}
