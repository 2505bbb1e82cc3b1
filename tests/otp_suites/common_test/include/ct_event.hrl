%% The event record that benchmark cases notify.
-record(event, {name, node, data}).
