delete from uploads where source = :source
