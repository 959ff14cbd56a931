using GrainSensors.Storage.Idempotency;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Ingest.Producing.Once;

/// <summary>
/// A claim that a request has, until another one takes it over. If the store is away, the claim stays as it is, and a repeat finds out
/// what is stored.
/// </summary>
internal sealed record HeldClaim(IIdempotencyKeys Keys, ClaimKey Key, Guid Token, Claim Claim)
{
    /// <returns>False: another request has taken the claim over.</returns>
    public Task<bool> RenewAsync(TimeSpan hold) => Keys.HoldAsync(Key, Token, Token, hold, CancellationToken.None);

    /// <returns>False: another request has taken the claim over, or the store is away.</returns>
    public Task<bool> TryAnswerAsync(string answer) => TryAsync(() => Keys.AnswerAsync(Key, Token, answer, CancellationToken.None));

    /// <summary>Lets a repeat take the claim over at once.</summary>
    public Task TryReleaseAsync() => TryAsync(() => RenewAsync(TimeSpan.Zero));

    /// <summary>Nothing is stored: the key can be used again.</summary>
    /// <returns>False: another request has taken the claim over, or the store is away.</returns>
    public Task<bool> TryRemoveAsync() => TryAsync(() => Keys.RemoveAsync(Key, Token, CancellationToken.None));

    private static async Task<bool> TryAsync(Func<Task<bool>> call)
    {
        try
        {
            return await call();
        }
        catch (WindowStoreUnavailableException)
        {
            return false;
        }
    }
}
