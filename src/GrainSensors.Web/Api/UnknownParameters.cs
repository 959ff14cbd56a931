using GrainSensors.Web.Api.Description;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Api;

/// <summary>Refuses requests with a query parameter that their endpoint does not take: a misspelt filter would return everything.</summary>
internal static class UnknownParameters
{
    public static ValueTask<object?> RefuseAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        var takes = context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<ApiParameters>() ?? ApiParameters.None;
        var known = takes.All
            .Where(parameter => !parameter.IsHeader && !request.RouteValues.ContainsKey(parameter.Name))
            .Select(parameter => parameter.Name)
            .ToList();
        return request.Query.Keys.FirstOrDefault(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown
            ? throw ApiQuery.Bad(
                $"\"{ApiQuery.Quote(unknown)}\" is not a parameter of {request.PathBase.Add(request.Path)}; "
                + (known.Count == 0 ? "it takes none." : $"known are {string.Join(", ", known)}."))
            : next(context);
    }
}
