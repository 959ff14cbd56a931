using Microsoft.AspNetCore.Builder;

namespace GrainSensors.Web.Api.Description;

/// <summary>The parameters that an endpoint takes in its path and query.</summary>
internal sealed record ApiParameters(IReadOnlyList<ApiParameter> All)
{
    public static ApiParameters None { get; } = new([]);
}

/// <summary>Metadata of an endpoint: a header of its answers of a status.</summary>
internal sealed record AnswerHeader(int Status, string Name, string Description);

internal static class ApiParametersExtensions
{
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder endpoint, params ApiParameter[] parameters) =>
        endpoint.WithMetadata(new ApiParameters(parameters));
}
