namespace GrainSensors.Web.Api;

/// <summary>Ends a request of the API with a problem (RFC 9457).</summary>
/// <param name="status">400 and above.</param>
/// <param name="detail">Sentences that name the offender and the cure, and hold no secret.</param>
internal sealed class ApiProblem(int status, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    /// <summary>What was wrong with which item; null: it is about no items.</summary>
    public IReadOnlyList<ItemProblem>? Items { get; init; }

    /// <summary>Seconds after which another try makes sense; null: none does, or there is no telling.</summary>
    public int? RetryAfter { get; init; }
}

/// <summary>What is wrong with one of several.</summary>
/// <param name="Index">From 0.</param>
/// <param name="Reason">The token that a dead letter would have.</param>
internal sealed record ItemProblem(int Index, string Reason, string Detail);
