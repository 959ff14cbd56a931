using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage.Access;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Hosting.Access;

/// <summary>
/// The sessions of people who are logged in. The store holds them for all silos; each silo keeps those that it has seen, so that
/// most requests do not read the store.
/// </summary>
/// <remarks>
/// The store has times of its own clock, which may step. A step forward can end sessions early. After a step back, a session does not
/// outlive its time at a silo that knows it, since that silo measures by its monotonic clock.
/// </remarks>
internal sealed class Sessions(ISessionStore store, AccessKeys keys, TimeProvider clock)
{
    /// <summary>A session ends when it was not used for this time.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    /// <summary>A session ends this time after the log-in, however much it is used.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <summary>A silo confirms a session at the store after this time, so a log-out at another silo takes effect within it.</summary>
    public static readonly TimeSpan ConfirmInterval = TimeSpan.FromSeconds(3);

    /// <summary>While the store is unavailable, a silo honours the sessions that the store confirmed within this time.</summary>
    public static readonly TimeSpan OutageLifetime = TimeSpan.FromMinutes(15);

    /// <summary>The use of a session is recorded this often, as each record is a write.</summary>
    public static readonly TimeSpan ExtendInterval = TimeSpan.FromMinutes(5);

    /// <summary>The store is unavailable for a request that has waited for so long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private const int TokenBytes = 32;

    /// <summary>More known sessions than this make the silo forget those that nobody uses.</summary>
    private const int ManyKnown = 1_000;

    private readonly ConcurrentDictionary<string, Known> _known = [];

    /// <summary>Sessions that this silo ended; true: the store does not know that yet.</summary>
    private readonly ConcurrentDictionary<string, (long At, bool IsPending)> _ended = [];

    private volatile Failure? _failure;

    /// <returns>The token, which only the browser may keep.</returns>
    /// <exception cref="WindowStoreUnavailableException">The store is unavailable.</exception>
    public async Task<string> StartAsync(NewSession session, CancellationToken cancellationToken)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        await store.AddAsync(HashOf(token), session, Lifetime, cancellationToken);
        return token;
    }

    /// <summary>Whether the token has the form of one. Other texts never reach the store.</summary>
    public static bool IsToken(string text) => text.Length == Base64Url.GetEncodedLength(TokenBytes) && Base64Url.IsValid(text);

    /// <summary>Whether this silo has seen the session, so that it may be able to judge it without the store.</summary>
    public bool Knows(string token) => _known.ContainsKey(HashOf(token));

    /// <returns>The session with the present name and role of its key; null: it is unknown or has ended.</returns>
    /// <exception cref="WindowStoreUnavailableException">
    /// The store is unavailable, and this silo cannot judge the session itself.
    /// </exception>
    public async Task<Session?> FindAsync(string token, CancellationToken cancellationToken)
    {
        var hash = HashOf(token);
        if (!_known.TryGetValue(hash, out var known) || clock.GetElapsedTime(known.ConfirmedAt) >= ConfirmInterval)
        {
            known = await ConfirmAsync(hash, known, cancellationToken);
        }

        // The session may have ended while the store was read.
        return known is null || _ended.ContainsKey(hash) || IsExpired(known) ? null : WithKey(known.Session);
    }

    /// <summary>Ends a session. If the store is unavailable, this silo refuses the session at once, and the others afterwards.</summary>
    /// <returns>The ended session; null: it was unknown.</returns>
    public async Task<Session?> EndAsync(string token, CancellationToken cancellationToken)
    {
        var hash = HashOf(token);
        _ended[hash] = (clock.GetTimestamp(), true);
        _known.TryRemove(hash, out var known);
        try
        {
            var ended = await store.EndAsync(hash, cancellationToken).WaitAsync(Patience, clock, cancellationToken);
            _ended[hash] = (clock.GetTimestamp(), false);
            return ended;
        }
        catch (Exception e) when (e is WindowStoreUnavailableException or TimeoutException)
        {
            return known?.Session;
        }
    }

    /// <summary>Ends the sessions at the store whose end could not be written, and forgets old ends. Called every few seconds.</summary>
    /// <exception cref="WindowStoreUnavailableException">The store is unavailable.</exception>
    public async Task WriteEndsAsync(CancellationToken cancellationToken)
    {
        foreach (var (hash, (at, isPending)) in _ended)
        {
            if (isPending)
            {
                await store.EndAsync(hash, cancellationToken);
                _ended[hash] = (clock.GetTimestamp(), false);
            }
            else if (clock.GetElapsedTime(at) > OutageLifetime)
            {
                _ended.TryRemove(hash, out _);
            }
        }
    }

    private async Task<Known?> ConfirmAsync(string hash, Known? known, CancellationToken cancellationToken)
    {
        // Each request would wait for a store that does not answer, so only one in a while asks.
        if (_failure is not { } failure || clock.GetElapsedTime(failure.At) >= ConfirmInterval)
        {
            try
            {
                var session = await ReadAsync(hash, known, cancellationToken);
                _failure = null;
                return session is null ? Forget(hash) : Keep(hash, new(session, clock.GetTimestamp()));
            }
            catch (WindowStoreUnavailableException e)
            {
                failure = _failure = new(e, clock.GetTimestamp());
            }
            catch (TimeoutException e)
            {
                failure = _failure = new(new("The store of the sessions does not answer.", e), clock.GetTimestamp());
            }
        }

        return known is not null && clock.GetElapsedTime(known.ConfirmedAt) < OutageLifetime
            ? known
            : throw new WindowStoreUnavailableException(failure.Error.Message, failure.Error);
    }

    private async Task<Session?> ReadAsync(string hash, Known? known, CancellationToken cancellationToken)
    {
        var session = await store.FindAsync(hash, cancellationToken).WaitAsync(Patience, clock, cancellationToken);
        if (session is null)
        {
            return null;
        }

        if (known is not null && IsExpired(known) && known.Session.SeenAt == session.SeenAt)
        {
            // The clock of the store was set back, and nobody has used the session elsewhere.
            await store.EndAsync(hash, cancellationToken).WaitAsync(Patience, clock, cancellationToken);
            return null;
        }

        // A use in the future is one before the clock was set back.
        var unrecorded = EpochTime.ToTimeSpan(session.ReadAt - session.SeenAt);
        if (unrecorded >= TimeSpan.Zero && unrecorded < ExtendInterval)
        {
            return session;
        }

        await store.ExtendAsync(hash, Lifetime, Longest, cancellationToken).WaitAsync(Patience, clock, cancellationToken);
        return await store.FindAsync(hash, cancellationToken).WaitAsync(Patience, clock, cancellationToken);
    }

    private Known? Forget(string hash)
    {
        _known.TryRemove(hash, out _);
        return null;
    }

    private Known Keep(string hash, Known known)
    {
        _known[hash] = known;
        if (_known.Count > ManyKnown)
        {
            foreach (var (other, unused) in _known.Where(other => clock.GetElapsedTime(other.Value.ConfirmedAt) > OutageLifetime))
            {
                _known.TryRemove(new(other, unused));
            }
        }

        return known;
    }

    private bool IsExpired(Known known) =>
        EpochTime.ToTimeSpan(known.Session.ExpiresAt - known.Session.ReadAt) <= clock.GetElapsedTime(known.ConfirmedAt);

    private Session? WithKey(Session session) =>
        session.KeyHash is not { } hash ? session
        : keys.FindByHash(hash) is { } key && !key.IsExpired(clock.GetUtcNow())
            ? session with { Name = key.Name, IsAdmin = key.Role == AccessRole.Admin }
        : null;

    private static string HashOf(string token) => Convert.ToHexStringLower(AccessKey.HashOf(token));

    /// <param name="ConfirmedAt">Timestamp of the clock when the store returned the session.</param>
    private sealed record Known(Session Session, long ConfirmedAt);

    /// <param name="At">Timestamp of the clock.</param>
    private sealed record Failure(WindowStoreUnavailableException Error, long At);
}
