namespace GrainSensors.Web.Api;

/// <summary>Ends a request of the API with a problem (RFC 9457).</summary>
/// <param name="status">The HTTP status, 400 or above.</param>
/// <param name="detail">What is wrong, the offending value and what to do; without secrets.</param>
internal sealed class ApiException(int status, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    /// <summary>The invalid items of the body; null: the problem concerns the request as a whole.</summary>
    public IReadOnlyList<ItemProblem>? Items { get; init; }

    /// <summary>The number of seconds after which a retry can succeed; null if it is unknown, or if a retry cannot succeed.</summary>
    public int? RetryAfter { get; init; }
}

/// <summary>The problem of one item of an array.</summary>
/// <param name="Index">The position of the item, from 0.</param>
/// <param name="Reason">The reason as dead letters name it, such as <c>no-timestamp</c>.</param>
internal sealed record ItemProblem(int Index, string Reason, string Detail);
