using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace SchemaRegistry.Serialization.Internals.Caching;

/// <summary>
/// Caches what the registry has answered, both values and refusals. Callers that need the same key share one request, and after an
/// outage all requests pause for a moment.
/// </summary>
/// <param name="load">
/// Asks the registry. It throws <see cref="SchemaFormatException"/> for a refusal and <see cref="SchemaRegistryUnavailableException"/>
/// without an answer.
/// </param>
/// <param name="lifetime">How long a value counts; null means always.</param>
internal sealed class LookupCache<TKey, TValue>(
    Func<TKey, Task<TValue>> load, SchemaSerializerOptions options, TimeProvider clock, TimeSpan? lifetime = null,
    IEqualityComparer<TKey>? comparer = null)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Found> _found = new(comparer);
    private readonly ConcurrentDictionary<TKey, Refused> _refused = new(comparer);
    private readonly Dictionary<TKey, Task<TValue>> _lookups = new(comparer);
    private readonly Lock _gate = new();
    private string? _unavailable;
    private long _unavailableAt;

    /// <summary>Number of cached values.</summary>
    public int Count => _found.Count;

    /// <summary>Number of cached refusals.</summary>
    public int NegativeCount => _refused.Count;

    /// <returns>A completed task if the answer is in the cache.</returns>
    public ValueTask<TValue> GetAsync(TKey key, CancellationToken cancellationToken)
    {
        if (TryGet(key, out var value, out var refusal))
        {
            return ValueTask.FromResult(value);
        }

        if (refusal is not null)
        {
            return ValueTask.FromException<TValue>(refusal.Copy());
        }

        var lookup = Start(key, clock.GetTimestamp());
        return lookup.IsCompleted ? new(lookup) : new(lookup.WaitAsync(cancellationToken));
    }

    /// <summary>Reads the cache only.</summary>
    /// <param name="value">What was found.</param>
    /// <param name="refusal">What the registry has refused; null if it was found.</param>
    /// <returns>Whether it was found.</returns>
    public bool TryGet(TKey key, [NotNullWhen(true)] out TValue? value, out SchemaFormatException? refusal)
    {
        var now = clock.GetTimestamp();
        if (_found.TryGetValue(key, out var found) && (lifetime is not { } limit || clock.GetElapsedTime(found.Since, now) < limit))
        {
            found.LastUsed = now;
            (value, refusal) = (found.Value!, null);
            return true;
        }

        value = default;
        refusal = _refused.TryGetValue(key, out var refused) && IsValid(refused, now) ? refused.Error : null;
        return false;
    }

    private Task<TValue> Start(TKey key, long now)
    {
        lock (_gate)
        {
            if (_lookups.TryGetValue(key, out var lookup))
            {
                return lookup;
            }

            if (_unavailable is { } reason && clock.GetElapsedTime(_unavailableAt, now) < options.RetryDelay)
            {
                return Task.FromException<TValue>(new SchemaRegistryUnavailableException(reason));
            }

            if (_lookups.Count >= options.MaxLookups)
            {
                return Task.FromException<TValue>(new SchemaRegistryUnavailableException(
                    $"{_lookups.Count} look-ups in the schema registry are under way; the next one starts when one of them has ended."));
            }

            // Elsewhere than on the caller's scheduler, which may be that of a grain.
            lookup = Task.Run(() => LoadAsync(key));
            _lookups.Add(key, lookup);

            // A caller need not wait for the answer, and so need not see its exception.
            _ = lookup.ContinueWith(
                failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            return lookup;
        }
    }

    private async Task<TValue> LoadAsync(TKey key)
    {
        try
        {
            var value = await load(key).ConfigureAwait(false);
            _found[key] = new(value, clock.GetTimestamp());
            _refused.TryRemove(key, out _);
            Trim(_found, options.MaxSchemas, entry => entry.LastUsed);
            return value;
        }
        catch (SchemaFormatException e)
        {
            _refused[key] = new(e, clock.GetTimestamp());
            TrimRefused();
            throw;
        }
        catch (SchemaRegistryUnavailableException e)
        {
            lock (_gate)
            {
                (_unavailable, _unavailableAt) = (e.Message, clock.GetTimestamp());
            }

            throw;
        }
        finally
        {
            lock (_gate)
            {
                _lookups.Remove(key);
            }
        }
    }

    private bool IsValid(Refused refused, long now) => clock.GetElapsedTime(refused.Since, now) < options.NegativeAnswerLifetime;

    private void TrimRefused()
    {
        if (_refused.Count <= options.MaxNegativeAnswers)
        {
            return;
        }

        var now = clock.GetTimestamp();
        foreach (var expired in _refused.Where(entry => !IsValid(entry.Value, now)))
        {
            _refused.TryRemove(expired);
        }

        Trim(_refused, options.MaxNegativeAnswers, entry => entry.Since);
    }

    /// <summary>Removes the oldest entries, an eighth more than needed, so that the search is rare.</summary>
    private static void Trim<TEntry>(ConcurrentDictionary<TKey, TEntry> entries, int most, Func<TEntry, long> age)
    {
        if (entries.Count > most)
        {
            foreach (var oldest in entries.OrderBy(entry => age(entry.Value)).Take(entries.Count - most + (most / 8)).ToList())
            {
                entries.TryRemove(oldest);
            }
        }
    }

    private sealed record Found(TValue Value, long Since)
    {
        public long LastUsed { get; set; } = Since;
    }

    private sealed record Refused(SchemaFormatException Error, long Since);
}
